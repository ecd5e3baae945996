/** `GET /v1/notifications/{id}`: whom a notification was sent to, and who has acked it, on all nodes. */

import type { Handler } from "hono";
import type { Nodes } from "../../cluster/nodes.ts";
import { Problem } from "../../wire/problem.ts";
import { Id } from "../../wire/protocol.ts";
import { reportOnWire, reportsOf } from "../ask_nodes.ts";
import { segmentOf } from "../path_segment.ts";
import type { AuthorizePublisher } from "../auth/publisher.ts";

export function deliveryReport(authorize: AuthorizePublisher, nodes: Nodes): Handler {
  return async function deliveryReport(c) {
    authorize(c.req.raw);
    const id = segmentOf(c, { index: 2, schema: Id });
    const [report = null] = await reportsOf(nodes, [id]);
    if (report !== null) return c.json(reportOnWire(report));
    throw new Problem("not-found", `nothing is known of notification ${id}, or nothing any more`);
  };
}
