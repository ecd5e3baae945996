/** `/v1/targets/{target}`: the connections of a target, its notifications in the journal, and which of them it has read. */

import type { Nodes } from "../../cluster/nodes.ts";
import type { Journal } from "../../journal/journal.ts";
import type { LastSeen } from "../../presence/last_seen.ts";
import type { Intakes } from "../../sources/intakes.ts";
import { changeOf, ReadRequest } from "../../wire/marks.ts";
import { EARLIEST, OLDEST } from "../../wire/position.ts";
import { parseAs, parseJson } from "../../wire/protocol.ts";
import type { PublisherHandler } from "../auth/publisher.ts";
import { askAllNodes } from "../ask_nodes.ts";
import type { BodyReader } from "../body_reader.ts";
import { lastSeenAt } from "../last_seen.ts";
import { pathParam } from "../path_param.ts";
import { parseAfter } from "../position_param.ts";
import { readable, stateOf, textsWithRead } from "./inbox.ts";

const PAGE_LIMIT = { entries: 200, bytes: 256 * 1024 };
const NO_ENTRIES = { entries: 0, bytes: 0 };
/** 1,000 positions take less than half of it. */
const BODY_LIMITS = { maxBytes: 64 * 1024, caller: "publisher" } as const;

export interface ListConnectionsDeps {
  readonly nodes: Nodes;
  readonly lastSeen: Pick<LastSeen, "of">;
}

/** `GET /v1/targets/{target}`: on all nodes, the oldest first. */
export function listConnections({ nodes, lastSeen }: ListConnectionsDeps): PublisherHandler {
  return async function listConnections(c) {
    const target = pathParam(c, "target");
    const answers = await askAllNodes(nodes, { kind: "connections", target });
    const all = answers.flatMap(({ node, value }) => value.map((connection) => ({ node, ...connection })));
    const connections = all.toSorted((one, other) => one.connectedAt - other.connectedAt)
      .map(({ id, transport, connectedAt, node, behind }) => (
        { id, transport, connected_at: new Date(connectedAt).toISOString(), node, behind }
      ));
    const at = connections.length > 0 ? Date.now() : await readable(lastSeenAt(target, { nodes, lastSeen }));
    return c.json({ target, connections, last_seen: at === null ? null : new Date(at).toISOString() });
  };
}

/** `DELETE /v1/targets/{target}/connections`: closes them on all nodes with 4003, so browsers do not reconnect. */
export function closeConnections(nodes: Nodes): PublisherHandler {
  return async function closeConnections(c) {
    const answers = await askAllNodes(nodes, { kind: "disconnect", target: pathParam(c, "target") });
    return c.json({ closed: answers.reduce((sum, { value }) => sum + value, 0) });
  };
}

/** `DELETE /v1/targets/{target}`: erases everything of the target, on all nodes. */
export function eraseTarget(nodes: Nodes): PublisherHandler {
  return async function eraseTarget(c) {
    await askAllNodes(nodes, { kind: "erase", target: pathParam(c, "target") });
    return c.body(null, 204);
  };
}

/** `GET /v1/targets/{target}/notifications`: page by page, beginning with the oldest. */
export function listNotifications(
  { journal }: { readonly journal: Pick<Journal, "read" | "inbox"> },
): PublisherHandler {
  return async function listNotifications(c) {
    const target = pathParam(c, "target");
    const after = parseAfter(c.req.query("after")) ?? EARLIEST;
    const [{ entries, next, more }, { mark, unread }] = await readable(Promise.all([
      journal.read(target, after === EARLIEST ? OLDEST : after, PAGE_LIMIT),
      journal.inbox(target, null, NO_ENTRIES),
    ]));
    const notifications = entries.filter(({ id }) => id !== null); // marks are no notifications
    const texts = textsWithRead(notifications, mark).join(",");
    const head = `{"target":${JSON.stringify(target)},"unread":${unread}`;
    const json = `${head},"notifications":[${texts}],"next":"${next}","more":${more}}`;
    return c.body(json, 200, { "content-type": "application/json" });
  };
}

export interface MarkAsReadDeps {
  readonly intakes: Pick<Intakes, "mark">;
  readonly journal: Pick<Journal, "inbox">;
  readonly bodies: Pick<BodyReader, "read">;
}

/** `POST /v1/targets/{target}/read`: marks notifications as read. All tabs of the target receive the mark. */
export function markAsRead({ intakes, journal, bodies }: MarkAsReadDeps): PublisherHandler {
  return async function markAsRead(c, { name }) {
    const target = pathParam(c, "target");
    const text = await bodies.read(c.req.raw, { ...BODY_LIMITS, owner: name });
    await intakes.mark(target, changeOf(parseAs(ReadRequest, parseJson(text))));
    return c.json(stateOf(target, await readable(journal.inbox(target, null, NO_ENTRIES))));
  };
}
