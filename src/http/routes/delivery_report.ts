/** `GET /v1/notifications/{id}`: whom a notification was sent to, and who has acked it, on all nodes. */

import type { Handler } from "hono";
import type { Nodes } from "../../cluster/nodes.ts";
import { Problem } from "../../wire/problem.ts";
import { reportOnWire, reportsOf } from "../ask_nodes.ts";
import { pathParam } from "../path_param.ts";

export function deliveryReport(nodes: Nodes): Handler {
  return async function deliveryReport(c) {
    const id = pathParam(c, "id");
    const [report = null] = await reportsOf(nodes, [id]);
    if (report !== null) return c.json(reportOnWire(report));
    throw new Problem("not-found", `nothing is known of notification ${id}, or nothing any more`);
  };
}
