/** Benchmarks of metrics: a counted delivery, and a snapshot of all connections. */

import { NodeMetrics } from "../../src/metrics/node_metrics.ts";
import { parseAcceptedAt } from "../../src/journal/entry_text.ts";

const TEXT =
  `{"type":"notification","id":"id","position":"p","at":"1804-07-11T07:00:00.000Z","data":{"title":"Hello!"}}`;
const batch = [{ id: "id", target: "alexander", position: "p", text: TEXT, bytes: TEXT.length }];
const connections = Array.from({ length: 50_000 }, (_, index) => ({
  id: `${index}`,
  target: `target-${index}`,
  transport: "websocket" as const,
  connectedAt: 0,
  outbox: { live: true, bytes: 0 },
}));
let calls = 0;
const reports = { sent: () => void calls++, left: () => {} };
const metrics = new NodeMetrics({
  connections: () => Promise.resolve(connections),
  slots: { taken: 0, capacity: 1 },
  publisherSlots: { taken: 0, capacity: 1 },
  feed: { size: 0, capacity: 1 },
  keys: [],
  outboxBytes: 1,
  journalBytes: 1,
  build: { version: "", deno: "" },
  memoryBytes: () => 0,
  cpuTime: () => ({ process: 0, eventLoop: 0 }),
  lag: { seconds: 0 },
  acceptedAt: parseAcceptedAt,
  now: Date.now,
  elapsed: () => performance.now(),
});
const [connection] = connections;

Deno.bench("1,000 deliveries, not counted", { group: "metrics", baseline: true }, () => {
  for (let n = 0; n < 1_000; n++) reports.sent();
});

Deno.bench("1,000 deliveries, counted and measured", { group: "metrics" }, () => {
  if (connection === undefined) return;
  for (let n = 0; n < 1_000; n++) metrics.sent(batch, connection);
});

Deno.bench("1,000 appends, measured", { group: "metrics" }, () => {
  for (let n = 0; n < 1_000; n++) metrics.appendEnded(metrics.appendStarted());
});

Deno.bench("a snapshot of 50,000 connections", { group: "snapshot" }, async () => {
  await metrics.read();
});
