/** Metrics of a node for tests. Every number is different, so that a test notices if two are mixed up. */

import { LATENCY_BOUNDS_MS, type Metrics } from "../../src/metrics/metrics.ts";

export const METRICS: Metrics = {
  at: 1,
  startedAt: 0,
  connections: { websocket: 2, sse: 1 },
  targets: 3,
  behind: 1,
  slots: { taken: 4, capacity: 10 },
  publisherSlots: { taken: 14, capacity: 15 },
  feed: { taken: 5, capacity: 100 },
  outbox: { taken: 6, capacity: 1_000 },
  waitingBytes: 12,
  memoryBytes: 2 ** 33,
  accepted: 7,
  acceptedFrom: { http: 5, socket: 17 },
  delivered: 2 ** 40,
  latency: { counts: LATENCY_BOUNDS_MS.map((_, index) => index).concat(0), sumMs: 8.5 },
  fellBehind: 9,
  ended: { 4200: 1, gone: 2 },
  publishersEnded: { 4102: 16 },
  refused: {},
  requests: { billing: 18 },
  sheds: 10,
  failures: { journal: 1, other: 0 },
  damagedRows: 11,
  pushes: { sent: 13, later: 14 },
  marks: 13,
  outboxTable: { rows: { kept: 15, failed: 16 }, oldestSeconds: 17, isRead: true },
  scheduled: { notification: 15, push: 16 },
};
