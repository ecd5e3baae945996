/** The operations for operators. */

import { VERSION } from "../wire/version.ts";
import { MetricsText } from "./bodies.ts";
import type { Operation } from "./operation.ts";
import { Liveness, Readiness } from "./responses.ts";

export const OPERATOR_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/healthz",
    id: "healthz",
    caller: "anyone",
    summary: "Check whether the process is alive",
    description: "An orchestrator restarts a process that does not answer.",
    responses: [{
      status: 200,
      description: "The process is alive",
      schema: Liveness,
      example: { status: "alive", version: VERSION },
    }],
    problems: ["bad-request"],
  },
  {
    method: "get",
    path: "/readyz",
    id: "readyz",
    caller: "anyone",
    summary: "Check whether this node should receive new connections",
    description: "It should not while it stops, or cannot reach the journal.",
    responses: [{
      status: 200,
      description: "The node should receive new connections",
      schema: Readiness,
      example: { status: "ready" },
    }],
    problems: ["bad-request", "unavailable"],
  },
  {
    method: "get",
    path: "/metrics",
    id: "metrics",
    caller: "publisher",
    scope: "read",
    summary: "Read the metrics of this node",
    description: "For Prometheus. If operators have a port of their own, it is on that port alone.",
    responses: [{ status: 200, description: "The metrics", schema: MetricsText, mediaType: "text/plain" }],
    problems: ["not-authorized"],
  },
];
