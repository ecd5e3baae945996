/** `/v1/targets/{target}`: its connections on all nodes, how to close them, and what the journal keeps for it. */

import type { Handler } from "hono";
import type { Nodes } from "../../cluster/nodes.ts";
import { type Journal, type Page, UnavailableError } from "../../journal/journal.ts";
import { OLDEST, type Position } from "../../wire/position.ts";
import { unavailable } from "../../wire/problem.ts";
import { allAnswers } from "../ask_nodes.ts";
import { parsePosition } from "../auth/admit.ts";
import { pathParam } from "../path_param.ts";

const A_PAGE = { entries: 200, bytes: 256 * 1024 };

/** `GET /v1/targets/{target}` */
export function connectionsOfTarget(nodes: Nodes): Handler {
  return async function connectionsOfTarget(c) {
    const target = pathParam(c, "target");
    const answers = await allAnswers(nodes, { kind: "connections", target });
    const connections = answers.flatMap(({ node, value }) =>
      value.map(({ id, transport, connectedAt, behind }) => (
        { id, transport, connected_at: new Date(connectedAt).toISOString(), node, behind }
      ))
    );
    return c.json({ target, connections });
  };
}

/** `DELETE /v1/targets/{target}/connections`: closes them with 4003, after which browsers do not come back. */
export function disconnectTarget(nodes: Nodes): Handler {
  return async function disconnectTarget(c) {
    const answers = await allAnswers(nodes, { kind: "disconnect", target: pathParam(c, "target") });
    return c.json({ closed: answers.reduce((sum, { value }) => sum + value, 0) });
  };
}

/** `GET /v1/targets/{target}/notifications`: page by page, from the oldest on. */
export function notificationsOfTarget({ journal }: { readonly journal: Pick<Journal, "read"> }): Handler {
  return async function notificationsOfTarget(c) {
    const target = pathParam(c, "target");
    const after = parsePosition("after", c.req.query("after")) ?? OLDEST;
    const { entries, next, more } = await pageOf(journal, { target, after });
    const texts = entries.map(({ text }) => text).join(","); // already JSON, with the publisher's own numbers
    const quoted = JSON.stringify(target);
    const json = `{"target":${quoted},"notifications":[${texts}],"next":"${next}","more":${more}}`;
    return c.body(json, 200, { "content-type": "application/json" });
  };
}

async function pageOf(
  journal: Pick<Journal, "read">,
  { target, after }: { target: string; after: Position },
): Promise<Page> {
  try {
    return await journal.read(target, after, A_PAGE);
  } catch (cause) {
    if (!(cause instanceof UnavailableError)) throw cause;
    throw unavailable("the journal cannot be read", { cause });
  }
}
