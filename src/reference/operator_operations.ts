/** What an operator asks of the service. */

import { Health } from "./answers.ts";
import type { Operation } from "./operation.ts";

export const OPERATOR_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/healthz",
    id: "healthz",
    asker: "anyone",
    summary: "Ask whether the process is alive",
    description: "",
    answers: [{ status: 200, description: "It is", schemas: [Health], example: { status: "alive" } }],
    problems: [],
  },
  {
    method: "get",
    path: "/readyz",
    id: "readyz",
    asker: "anyone",
    summary: "Ask whether this node is to get new connections",
    description: "Not while it stops, or cannot reach the journal.",
    answers: [{ status: 200, description: "It is", schemas: [Health], example: { status: "ready" } }],
    problems: ["unavailable"],
  },
  {
    method: "get",
    path: "/metrics",
    id: "metrics",
    asker: "publisher",
    summary: "Read this node's metrics",
    description: "For Prometheus.",
    answers: [{ status: 200, description: "In the text format of Prometheus", type: "text/plain" }],
    problems: ["not-authorized"],
  },
];
