/** Messages between nodes: metrics survive the way, and those of an earlier version are understood. */

import { assertEquals } from "@std/assert";
import { parseAnswer } from "../../../src/cluster/nats/messages.ts";
import { LATENCY_BOUNDS_MS } from "../../../src/metrics/metrics.ts";
import { METRICS } from "../../metrics/sample_metrics.ts";

/** The fields that nodes of version 0.1.0 send. */
const FIRST_FIELDS = [
  ...["at", "startedAt", "connections", "targets", "behind", "slots", "feed", "outbox", "waitingBytes"],
  ...["memoryBytes", "accepted", "delivered", "latency", "fellBehind", "ended", "refused", "failures"],
];

function parse(value: unknown) {
  return parseAnswer(JSON.parse(JSON.stringify({ value })), { node: "n1", kind: "metrics" });
}

Deno.test("parseAnswer takes all metrics of a node", () => {
  assertEquals(parse(METRICS), { node: "n1", value: METRICS });
});

Deno.test("parseAnswer takes the metrics of a node of an earlier version", () => {
  const first = Object.fromEntries(Object.entries(METRICS).filter(([field]) => FIRST_FIELDS.includes(field)));
  const none = { taken: 0, capacity: 0 };
  assertEquals<unknown>(parse(first), {
    node: "n1",
    value: {
      ...first,
      build: { version: "", deno: "" },
      publisherSlots: none,
      cpuSeconds: { process: 0, eventLoop: 0 },
      eventLoopLagSeconds: 0,
      journal: { entries: 0, bytes: none, oldestAgeSeconds: 0, evicted: {} },
      acceptedFrom: {},
      appends: { counts: [...LATENCY_BOUNDS_MS.map(() => 0), 0], sumMs: 0 },
      publishersEnded: {},
      sheds: 0,
      damagedRows: 0,
      marks: 0,
      pushes: {},
      outboxTable: null,
      scheduled: {},
      requests: {},
      webhook: { backlog: none, attempts: {}, lost: 0 },
      presence: { backlog: 0, withoutRoom: 0, attempts: {}, lost: 0 },
      revocations: { kept: 0, bytes: none, effects: {} },
      deadLetters: 0,
      limited: {},
    },
  });
});
