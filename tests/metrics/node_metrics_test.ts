/** Tests NodeMetrics: the counters of a node, and the values that are looked up. */

import { assertEquals } from "@std/assert";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { UnavailableError } from "../../src/journal/journal.ts";
import type { MeasuredConnection } from "../../src/metrics/connection_summary.ts";
import { NOTHING_OBSERVED } from "../../src/metrics/observed_parts.ts";
import { NodeMetrics } from "../../src/metrics/node_metrics.ts";

function connection(id: string, more: Partial<MeasuredConnection> = {}): MeasuredConnection {
  const outbox = { live: true, bytes: 0 };
  return { id, target: "alexander", transport: "websocket", connectedAt: 0, outbox, ...more };
}

function setUp(connections: readonly MeasuredConnection[] = []) {
  const clock = { elapsed: 0 };
  const metrics = new NodeMetrics({
    connections: () => Promise.resolve(connections),
    slots: { taken: 4, capacity: 10 },
    publisherSlots: { taken: 1, capacity: 20 },
    feed: { size: 5, capacity: 100 },
    keys: [{ name: "billing" }, { name: "grafana" }],
    outboxBytes: 1_000,
    journalBytes: 2_000,
    build: { version: "1.2.3", deno: "4.5.6" },
    memoryBytes: () => 123,
    cpuTime: () => ({ process: 3, eventLoop: 2 }),
    lag: { seconds: 0.25 },
    acceptedAt: Number,
    now: () => 1_000,
    elapsed: () => clock.elapsed,
  });
  return { metrics, clock };
}

function notifications(...ids: readonly string[]) {
  return ids.map((id) => ({ id, target: "alexander", position: id, text: "990", bytes: 3 }));
}

Deno.test("NodeMetrics starts with counters of 0, and looks up everything else", async () => {
  const { at, startedAt, slots, publisherSlots, feed, memoryBytes, accepted, ended, refused } = await setUp()
    .metrics.read();
  assertEquals([at, startedAt, accepted, ended, refused, memoryBytes], [1_000, 1_000, 0, {}, {}, 123]);
  assertEquals([slots, feed], [{ taken: 4, capacity: 10 }, { taken: 5, capacity: 100 }]);
  assertEquals(publisherSlots, { taken: 1, capacity: 20 });
});

Deno.test("NodeMetrics reads CPU time, lag and versions", async () => {
  const { cpuSeconds, eventLoopLagSeconds, build } = await setUp().metrics.read();
  assertEquals(cpuSeconds, { process: 3, eventLoop: 2 });
  assertEquals([eventLoopLagSeconds, build], [0.25, { version: "1.2.3", deno: "4.5.6" }]);
});

Deno.test("NodeMetrics looks at the journal, the webhook and the schedule of the composed node", async () => {
  const { metrics } = setUp();
  const before = await metrics.read();
  assertEquals(before.journal, {
    entries: 0,
    bytes: { taken: 0, capacity: 2_000 },
    oldestAgeSeconds: 0,
    evicted: {},
  });
  assertEquals(before.webhook.backlog, { taken: 0, capacity: 0 });
  const evicted = { expired: 4, bytes: 5 };
  const journal = { stats: () => ({ entries: 3, bytes: 700, oldestAt: 400, evicted }) };
  metrics.observe({
    journal,
    webhook: { size: 6, capacity: 7 },
    teller: { size: 9 },
    tracker: { withoutRoom: 13 },
    revocations: { stats: () => ({ kept: 10, bytes: 11, maxBytes: 12 }) },
    scheduled: () => ({ push: 8 }),
  });
  const after = await metrics.read();
  assertEquals(after.journal, {
    entries: 3,
    bytes: { taken: 700, capacity: 2_000 },
    oldestAgeSeconds: 0.6,
    evicted,
  });
  assertEquals(after.webhook.backlog, { taken: 6, capacity: 7 });
  assertEquals([before.presence.backlog, after.presence.backlog], [0, 9]);
  assertEquals([before.presence.withoutRoom, after.presence.withoutRoom], [0, 13]);
  const { kept, bytes } = after.revocations;
  assertEquals([before.revocations.kept, kept, bytes], [0, 10, { taken: 11, capacity: 12 }]);
  assertEquals([before.scheduled, after.scheduled], [{}, { push: 8 }]);
});

Deno.test("NodeMetrics says an age of 0 for an entry of a clock that is ahead", async () => {
  const { metrics } = setUp();
  const journal = { stats: () => ({ entries: 1, bytes: 1, oldestAt: 1_001, evicted: {} }) };
  metrics.observe({ ...NOTHING_OBSERVED, journal });
  assertEquals((await metrics.read()).journal.oldestAgeSeconds, 0);
});

Deno.test("NodeMetrics counts what becomes of messages for the webhook and of the queue's", async () => {
  const { metrics } = setUp();
  for (const outcome of ["delivered", "failed", "failed"]) metrics.webhookAttempted(outcome);
  metrics.webhookLost(3);
  for (const outcome of ["delivered", "delivered", "gone"]) metrics.presenceAttempted(outcome);
  metrics.presenceLost(2);
  metrics.deadLettered();
  const { webhook, presence, deadLetters } = await metrics.read();
  assertEquals([presence.attempts, presence.lost], [{ delivered: 2, failed: 0, gone: 1 }, 2]);
  assertEquals([webhook.attempts, webhook.lost], [{ delivered: 1, failed: 2, gone: 0 }, 3]);
  assertEquals(deadLetters, 1);
});

Deno.test("NodeMetrics measures how long the journal takes to append, of those that succeed", async () => {
  const { metrics, clock } = setUp();
  const failing = metrics.appendStarted();
  const succeeding = metrics.appendStarted(), next = metrics.appendStarted();
  clock.elapsed += 4;
  metrics.appendEnded(succeeding);
  metrics.appendEnded(next);
  assertEquals([failing >= 0, succeeding >= 0, next >= 0], [true, false, true], "every second is measured");
  const { appends } = await metrics.read();
  assertEquals([appends.counts[3], appends.sumMs], [2, 8]); // up to 5 ms
});

Deno.test("NodeMetrics summarizes all connections", async () => {
  const { metrics } = setUp([
    connection("a", { outbox: { live: true, bytes: 30 } }),
    connection("b", { outbox: { live: false, bytes: 70 }, transport: "sse" }),
    connection("c", { target: "burr", outbox: { live: true, bytes: 20 } }),
  ]);
  const { connections, targets, behind, outbox, waitingBytes } = await metrics.read();
  assertEquals(connections, { websocket: 2, sse: 1 });
  assertEquals([targets, behind, outbox, waitingBytes], [2, 1, { taken: 70, capacity: 1_000 }, 120]);
});

Deno.test("NodeMetrics counts marks, but does not count them as deliveries", async () => {
  const { metrics } = setUp();
  metrics.marked();
  metrics.marked();
  const marks = notifications("1").map((one) => ({ ...one, id: null }));
  metrics.sent(marks, connection("a"));
  const { marks: counted, delivered, accepted } = await metrics.read();
  assertEquals([counted, delivered, accepted], [2, 0, 0]);
});

Deno.test("NodeMetrics counts pushes by what has become of them", async () => {
  const { metrics } = setUp();
  for (const outcome of ["sent", "later", "sent"]) metrics.pushed(outcome);
  assertEquals((await metrics.read()).pushes, { sent: 2, later: 1, gone: 0, failed: 0 });
});

Deno.test("NodeMetrics counts rows of the outbox table, and knows whether it can be read", async () => {
  const { metrics } = setUp();
  const { outboxTable } = await metrics.read();
  metrics.lostOutbox();
  const lost = await metrics.read();
  metrics.readOutbox({ kept: 2, failed: 1, oldestMs: 1_500 });
  metrics.readOutbox({ kept: 3, failed: 0, oldestMs: 500 });
  const read = await metrics.read();
  metrics.lostOutbox();
  const lostAgain = await metrics.read();
  const rows = { kept: 5, failed: 1 };
  assertEquals(outboxTable, null);
  assertEquals(lost.outboxTable, { rows: { kept: 0, failed: 0 }, oldestSeconds: 0, isRead: false });
  assertEquals(read.outboxTable, { rows, oldestSeconds: 0.5, isRead: true });
  assertEquals(lostAgain.outboxTable, { rows, oldestSeconds: 0.5, isRead: false });
});

Deno.test("NodeMetrics counts deliveries and closed connections", async () => {
  const { metrics } = setUp();
  const [a, b] = [connection("a"), connection("b")];
  metrics.accepted("http", 2);
  metrics.accepted("socket", 3);
  metrics.sent(notifications("1", "2"), a);
  metrics.sent(notifications("1"), b);
  metrics.fellBehind();
  metrics.left(CLOSE.stuck);
  metrics.left(null);
  metrics.left(null);
  metrics.publisherLeft(CLOSE.tooMuchUnanswered);
  metrics.publisherLeft(null);
  const { accepted, acceptedFrom, delivered, latency, fellBehind, ended, publishersEnded } = await metrics
    .read();
  assertEquals([accepted, delivered, fellBehind], [5, 3, 1]);
  const others = { ndjson: 0, cloudevents: 0, rpc: 0, queue: 0, outbox: 0, schedule: 0 };
  assertEquals(acceptedFrom, { ...others, http: 2, socket: 3 });
  assertEquals(ended, { "4200": 1, gone: 2 });
  assertEquals(publishersEnded, { "4102": 1, gone: 1 });
  assertEquals(
    latency.counts.reduce((sum, count) => sum + count),
    2,
    "the first batch is measured, and then every second one",
  );
});

Deno.test("NodeMetrics counts requests by the name of their key, and shows keys without a request", async () => {
  const { metrics } = setUp();
  for (let times = 0; times < 3; times++) metrics.requested("billing");
  assertEquals((await metrics.read()).requests, { billing: 3, grafana: 0 });
});

Deno.test("NodeMetrics counts the requests that were refused, and the connections that were closed, because of a revocation", async () => {
  const { metrics } = setUp();
  assertEquals((await metrics.read()).revocations.effects, { refused: 0, closed: 0 });
  for (const kind of ["revoked", "not-authorized", undefined] as const) metrics.refused(401, kind);
  for (const close of [CLOSE.tokenRevoked, CLOSE.tokenRevoked, CLOSE.tokenExpired, null]) metrics.left(close);
  const { revocations: { effects }, refused } = await metrics.read();
  assertEquals([effects, refused], [{ refused: 1, closed: 2 }, { 401: 3 }]);
});

Deno.test("NodeMetrics counts refused requests by status, and failures of the journal separately", async () => {
  const { metrics } = setUp();
  for (const status of [401, 429, 401]) metrics.refused(status);
  for (const error of [new UnavailableError("full"), new Error("other"), "thrown"]) metrics.failed(error);
  const { refused, failures } = await metrics.read();
  assertEquals(refused, { "401": 2, "429": 1 });
  assertEquals(failures, { journal: 1, other: 2 });
});
