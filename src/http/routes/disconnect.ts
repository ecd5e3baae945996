/** `DELETE /v1/targets/{target}/connections`: sends a target's browsers away, on all nodes, and not to come back. */

import type { Handler } from "hono";
import type { Nodes } from "../../cluster/nodes.ts";
import { Target } from "../../wire/protocol.ts";
import { allAnswers } from "../ask_nodes.ts";
import { segmentOf } from "../path_segment.ts";
import type { AuthorizePublisher } from "../auth/publisher.ts";

export function disconnect(authorize: AuthorizePublisher, nodes: Nodes): Handler {
  return async function disconnect(c) {
    authorize(c.req.raw);
    const target = segmentOf(c, { index: 2, schema: Target });
    const answers = await allAnswers(nodes, { kind: "disconnect", target });
    return c.json({ closed: answers.reduce((sum, { given }) => sum + given, 0) });
  };
}
