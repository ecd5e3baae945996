/** `GET /v1/notifications/{id}`: how many connections a notification was sent to, and how many have acked it. */

import type { Handler } from "hono";
import type { Nodes } from "../../cluster/nodes.ts";
import { Problem } from "../../wire/problem.ts";
import { fetchReports, reportJson } from "../ask_nodes.ts";
import { pathParam } from "../path_param.ts";

export function deliveryReport(nodes: Nodes): Handler {
  return async function deliveryReport(c) {
    const id = pathParam(c, "id");
    const [report = null] = await fetchReports(nodes, [id]);
    if (report !== null) return c.json(reportJson(report));
    throw new Problem("not-found", `notification ${id} is unknown, or its report has expired`);
  };
}
