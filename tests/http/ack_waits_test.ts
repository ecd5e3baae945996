/** AckWaits: what a request waits for, which reports it receives, and when it receives none. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { AckWaits } from "../../src/http/ack_waits.ts";
import type { AcceptedForTarget } from "../../src/sources/publish.ts";
import { Problem } from "../../src/wire/problem.ts";
import type { NodeReport, Report } from "../../src/reports/report.ts";
import { type StubbedAnswers, TestNodes } from "./test_nodes.ts";

const AT = Date.UTC(1804, 6, 11, 7);
const OPTIONS = { seconds: 60, signal: new AbortController().signal };

function report(id: string, counts: Partial<NodeReport> = {}): NodeReport {
  const none = { acked: 0, firstAckMs: null, read: 0, firstReadAt: null, push: null };
  return { id, acceptedAt: AT, sent: 1, ...none, ...counts };
}

/** What the reports of a node alone come to. */
function merged(id: string): Report {
  const { firstReadAt: _, ...counts } = report(id);
  return { ...counts, acceptedAt: AT, firstReadMs: null };
}

function accepted(id: string, target: string | null = "alexander"): AcceptedForTarget {
  return { id, target, position: `p ${id}`, expires: "1804-07-11T08:00:00.000Z" };
}

function setUp(answers: StubbedAnswers = {}) {
  const nodes = new TestNodes({
    reports: ({ ids }) => [{ node: "n1", value: ids.map((id) => report(id)) }],
    acks: () => [{ node: "n1", value: null }],
    ...answers,
  });
  const stopping = new AbortController();
  return { nodes, stopping, waits: new AckWaits(nodes, stopping.signal) };
}

function never(): Promise<never> {
  return new Promise(() => {});
}

/** Gives the event loop enough turns for everything that does not wait for an answer. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
}

Deno.test("AckWaits asks for the acks of all accepted notifications, and then for their reports", async () => {
  let acked = 0;
  const { nodes, waits } = setUp({
    reports: ({ ids }) => [{ node: "n1", value: ids.map((id) => report(id, { acked })) }, {
      node: "n2",
      value: ids.map((id) => id === "a" ? report(id, { acked: 1, firstAckMs: 5 }) : null),
    }],
    acks() {
      acked++;
      return [{ node: "n1", value: null }, { node: "n2", value: null }];
    },
  });
  const all = [accepted("a"), accepted("a", "burr"), accepted("b", null)];
  const reports = await waits.reports({ accepted: all, ids: ["b", "a", "b"] }, OPTIONS);
  assertEquals(reports?.map(({ id, sent, acked }) => [id, sent, acked]), [
    ["b", 1, 1],
    ["a", 2, 2],
    ["b", 1, 1],
  ]);
  assertEquals(nodes.asked[1], {
    kind: "acks",
    notifications: all.map(({ expires: _, ...one }) => ({
      ...one,
      acceptedAt: AT,
      expiresAt: AT + 3_600_000,
    })),
    withinMs: 60_000,
  });
});

Deno.test("AckWaits waits until every node has answered or failed", async () => {
  const { promise: answers, resolve } = Promise.withResolvers<[{ node: string; error: string }]>();
  const { waits } = setUp({ acks: () => answers });
  let isSettled = false;
  const waiting = waits.reports({ accepted: [accepted("a")], ids: ["a"] }, OPTIONS).finally(() =>
    isSettled = true
  );
  await settle();
  assertEquals(isSettled, false);
  resolve([{ node: "n1", error: "why" }]);
  assertEquals((await waiting)?.length, 1, "the reports without that node");
});

Deno.test("AckWaits ends at once with the current reports while the service stops", async () => {
  const { stopping, waits } = setUp({ acks: never });
  const waiting = waits.reports({ accepted: [accepted("a")], ids: ["a"] }, OPTIONS);
  await settle();
  stopping.abort();
  assertEquals(await waiting, [merged("a")]);
  assertEquals(await waits.reports({ accepted: [accepted("a")], ids: ["a"] }, OPTIONS), [merged("a")]);
});

Deno.test("AckWaits ends at once when the publisher disconnects", async () => {
  const { waits } = setUp({ acks: never });
  const disconnected = new AbortController();
  const waiting = waits.reports({ accepted: [accepted("a")], ids: ["a"] }, {
    ...OPTIONS,
    signal: disconnected.signal,
  });
  await settle();
  disconnected.abort();
  await waiting;
});

for (
  const [what, reports] of [
    ["a notification is unknown", () => [{ node: "n1", value: [null] }]],
    ["a node could not answer", () => [{ node: "n1", error: "why" }]],
    ["there are no nodes", () => []],
  ] as const satisfies [string, StubbedAnswers["reports"]][]
) {
  Deno.test(`AckWaits resolves with null without waiting if ${what}`, async () => {
    const { nodes, waits } = setUp({ reports, acks: never });
    assertEquals(await waits.reports({ accepted: [accepted("a")], ids: ["a"] }, OPTIONS), null);
    assertEquals(nodes.asked.length, 1);
  });
}

Deno.test("AckWaits resolves with null if a report expires meanwhile", async () => {
  let times = 0;
  const { waits } = setUp({
    reports: ({ ids }) => [{ node: "n1", value: ids.map((id) => times++ === 0 ? report(id) : null) }],
  });
  assertEquals(await waits.reports({ accepted: [accepted("a")], ids: ["a"] }, OPTIONS), null);
});

Deno.test("AckWaits rethrows an error that is not a node's failure", async () => {
  const { waits } = setUp({ acks: () => Promise.reject(new TypeError("a bug")) });
  await assertRejects(
    () => waits.reports({ accepted: [accepted("a")], ids: ["a"] }, OPTIONS),
    TypeError,
    "a bug",
  );
});

Deno.test("AckWaits reserves 1,024 slots, and reuses released ones", () => {
  const { waits } = setUp();
  const slots = Array.from({ length: 1_024 }, () => waits.reserve());
  const problem = assertThrows(() => waits.reserve(), Problem);
  assertEquals([problem.kind, problem.headers], ["unavailable", { "retry-after": "1" }]);
  slots[7]?.[Symbol.dispose]();
  waits.reserve();
  assertThrows(() => waits.reserve(), Problem);
});

Deno.test("AckWaits waits for at most 65,536 notifications to a target each at once", async () => {
  const { waits, stopping } = setUp({ acks: never });
  const many = Array.from({ length: 10_000 }, (_, n) => accepted("a", `t${n}`));
  const all = Array.from({ length: 6 }, () => waits.reports({ accepted: many, ids: ["a"] }, OPTIONS));
  await settle();
  assertEquals(await waits.reports({ accepted: many, ids: ["a"] }, OPTIONS), null);
  const few = waits.reports({ accepted: many.slice(0, 5_000), ids: ["a"] }, OPTIONS);
  stopping.abort();
  for (const waiting of [...all, few]) assertEquals((await waiting)?.length, 1);
  assertEquals(
    (await waits.reports({ accepted: many, ids: ["a"] }, OPTIONS))?.length,
    1,
    "the limit counts only waiting notifications",
  );
});

Deno.test("AckWaits does not wait for a notification that is scheduled", async () => {
  const { waits } = setUp({ acks: never });
  const scheduled = { ...accepted("a", "alexander"), position: null };
  assertEquals(
    await waits.reports({ accepted: [accepted("a", "burr"), scheduled], ids: ["a"] }, OPTIONS),
    null,
  );
});
