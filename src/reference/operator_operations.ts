/** The operations for operators. */

import { VERSION } from "../wire/version.ts";
import type { Operation } from "./operation.ts";
import { Liveness, Readiness } from "./responses.ts";

export const OPERATOR_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/healthz",
    id: "healthz",
    caller: "anyone",
    summary: "Check whether the process is alive",
    description: "",
    responses: [{
      status: 200,
      description: "The process is alive",
      schemas: [Liveness],
      example: { status: "alive", version: VERSION },
    }],
    problems: [],
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
      schemas: [Readiness],
      example: { status: "ready" },
    }],
    problems: ["unavailable"],
  },
  {
    method: "get",
    path: "/metrics",
    id: "metrics",
    caller: "publisher",
    summary: "Read the metrics of this node",
    description: "For Prometheus.",
    responses: [{ status: 200, description: "The text format of Prometheus", mediaType: "text/plain" }],
    problems: ["not-authorized"],
  },
];
