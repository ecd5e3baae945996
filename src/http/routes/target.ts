/** `GET /v1/targets/{target}`: the connections that a target has, on all nodes. */

import type { Handler } from "hono";
import type { Nodes } from "../../cluster/nodes.ts";
import { Target } from "../../wire/protocol.ts";
import { allAnswers } from "../ask_nodes.ts";
import { segmentOf } from "../path_segment.ts";
import type { AuthorizePublisher } from "../auth/publisher.ts";

export function target(authorize: AuthorizePublisher, nodes: Nodes): Handler {
  return async function target(c) {
    authorize(c.req.raw);
    const target = segmentOf(c, { index: 2, schema: Target });
    const answers = await allAnswers(nodes, { kind: "connections", target });
    const connections = answers.flatMap(({ node, given }) =>
      given.map(({ id, transport, connectedAt, behind }) => (
        { id, transport, connected_at: new Date(connectedAt).toISOString(), node, behind }
      ))
    );
    return c.json({ target, connections });
  };
}
