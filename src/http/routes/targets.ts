/** `/v1/targets/{target}`: lists and closes the connections of a target, and lists its notifications in the journal. */

import type { Handler } from "hono";
import type { Nodes } from "../../cluster/nodes.ts";
import { type Journal, type Page, UnavailableError } from "../../journal/journal.ts";
import { OLDEST, type Position } from "../../wire/position.ts";
import { unavailable } from "../../wire/problem.ts";
import { askAllNodes } from "../ask_nodes.ts";
import { pathParam } from "../path_param.ts";
import { parsePosition } from "../position_param.ts";

const PAGE_LIMIT = { entries: 200, bytes: 256 * 1024 };

/** `GET /v1/targets/{target}`: on all nodes. */
export function listConnections(nodes: Nodes): Handler {
  return async function listConnections(c) {
    const target = pathParam(c, "target");
    const answers = await askAllNodes(nodes, { kind: "connections", target });
    const connections = answers.flatMap(({ node, value }) =>
      value.map(({ id, transport, connectedAt, behind }) => (
        { id, transport, connected_at: new Date(connectedAt).toISOString(), node, behind }
      ))
    );
    return c.json({ target, connections });
  };
}

/** `DELETE /v1/targets/{target}/connections`: closes them on all nodes with 4003, so browsers do not reconnect. */
export function closeConnections(nodes: Nodes): Handler {
  return async function closeConnections(c) {
    const answers = await askAllNodes(nodes, { kind: "disconnect", target: pathParam(c, "target") });
    return c.json({ closed: answers.reduce((sum, { value }) => sum + value, 0) });
  };
}

/** `GET /v1/targets/{target}/notifications`: page by page, beginning with the oldest. */
export function listNotifications({ journal }: { readonly journal: Pick<Journal, "read"> }): Handler {
  return async function listNotifications(c) {
    const target = pathParam(c, "target");
    const after = parsePosition("after", c.req.query("after")) ?? OLDEST;
    const { entries, next, more } = await readPage(journal, { target, after });
    // The texts are JSON already. Parsing them would change numbers that a double cannot represent.
    const texts = entries.map(({ text }) => text).join(",");
    const quoted = JSON.stringify(target);
    const json = `{"target":${quoted},"notifications":[${texts}],"next":"${next}","more":${more}}`;
    return c.body(json, 200, { "content-type": "application/json" });
  };
}

async function readPage(
  journal: Pick<Journal, "read">,
  { target, after }: { target: string; after: Position },
): Promise<Page> {
  try {
    return await journal.read(target, after, PAGE_LIMIT);
  } catch (cause) {
    if (!(cause instanceof UnavailableError)) throw cause;
    throw unavailable("the journal cannot be read", { cause });
  }
}
