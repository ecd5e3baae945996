/** AckWaits: what a request waits for, what it is answered, and when it is not answered with reports at all. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { AckWaits } from "../../src/http/ack_waits.ts";
import type { AcceptedForTarget } from "../../src/sources/publish.ts";
import { Problem } from "../../src/wire/problem.ts";
import type { Report } from "../../src/reports/report.ts";
import { type Given, TestNodes } from "./test_nodes.ts";

const AT = Date.UTC(1804, 6, 11, 7);
const PATIENT = { seconds: 60, signal: new AbortController().signal };

function report(id: string, counts: Partial<Report> = {}): Report {
  return { id, acceptedAt: AT, sent: 1, acked: 0, firstAckMs: null, ...counts };
}

function kept(id: string, target: string | null = "alexander"): AcceptedForTarget {
  return { id, target, position: `p ${id}`, expires: "1804-07-11T08:00:00.000Z" };
}

function bench(given: Given) {
  const nodes = new TestNodes({
    reports: ({ ids }) => [{ node: "n1", value: ids.map((id) => report(id)) }],
    acks: () => [{ node: "n1", value: null }],
    ...given,
  });
  const stopping = new AbortController();
  return { nodes, stopping, waits: new AckWaits(nodes, stopping.signal) };
}

function never(): Promise<never> {
  return new Promise(() => {});
}

/** Turns of the event loop, enough for everything that is going to happen. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
}

Deno.test("AckWaits asks for the acks of all that is kept, and then for the reports", async () => {
  let acked = 0;
  const { nodes, waits } = bench({
    reports: ({ ids }) => [{ node: "n1", value: ids.map((id) => report(id, { acked })) }, {
      node: "n2",
      value: ids.map((id) => id === "a" ? report(id, { acked: 1, firstAckMs: 5 }) : null),
    }],
    acks() {
      acked++;
      return [{ node: "n1", value: null }, { node: "n2", value: null }];
    },
  });
  const all = [kept("a"), kept("a", "burr"), kept("b", null)];
  const reports = await waits.reports({ accepted: all, ids: ["b", "a", "b"] }, PATIENT);
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

Deno.test("AckWaits waits until every node has answered, or has failed to", async () => {
  const { promise: answers, resolve } = Promise.withResolvers<[{ node: string; error: string }]>();
  const { waits } = bench({ acks: () => answers });
  let answered = false;
  const waiting = waits.reports({ accepted: [kept("a")], ids: ["a"] }, PATIENT).finally(() =>
    answered = true
  );
  await settle();
  assertEquals(answered, false);
  resolve([{ node: "n1", error: "why" }]);
  assertEquals((await waiting)?.length, 1, "what is known");
});

Deno.test("AckWaits ends at once with what is known when the service stops, or has begun to", async () => {
  const { stopping, waits } = bench({ acks: never });
  const waiting = waits.reports({ accepted: [kept("a")], ids: ["a"] }, PATIENT);
  await settle();
  stopping.abort();
  assertEquals(await waiting, [report("a")]);
  assertEquals(await waits.reports({ accepted: [kept("a")], ids: ["a"] }, PATIENT), [report("a")]);
});

Deno.test("AckWaits ends at once when the publisher leaves", async () => {
  const { waits } = bench({ acks: never });
  const leaving = new AbortController();
  const waiting = waits.reports({ accepted: [kept("a")], ids: ["a"] }, {
    ...PATIENT,
    signal: leaving.signal,
  });
  await settle();
  leaving.abort();
  await waiting;
});

for (
  const [what, reports] of [
    ["a notification is unknown", () => [{ node: "n1", value: [null] }]],
    ["a node could not answer", () => [{ node: "n1", error: "why" }]],
    ["no node is there", () => []],
  ] as const satisfies [string, Given["reports"]][]
) {
  Deno.test(`AckWaits gives no reports, and does not wait, if ${what}`, async () => {
    const { nodes, waits } = bench({ reports, acks: never });
    assertEquals(await waits.reports({ accepted: [kept("a")], ids: ["a"] }, PATIENT), null);
    assertEquals(nodes.asked.length, 1);
  });
}

Deno.test("AckWaits gives no reports if one is forgotten meanwhile", async () => {
  let times = 0;
  const { waits } = bench({
    reports: ({ ids }) => [{ node: "n1", value: ids.map((id) => times++ === 0 ? report(id) : null) }],
  });
  assertEquals(await waits.reports({ accepted: [kept("a")], ids: ["a"] }, PATIENT), null);
});

Deno.test("AckWaits passes on a failure that is no node's", async () => {
  const { waits } = bench({ acks: () => Promise.reject(new TypeError("a bug")) });
  await assertRejects(
    () => waits.reports({ accepted: [kept("a")], ids: ["a"] }, PATIENT),
    TypeError,
    "a bug",
  );
});

Deno.test("AckWaits has 1,024 places, and each can be taken again", () => {
  const { waits } = bench({});
  const places = Array.from({ length: 1_024 }, () => waits.enter());
  const problem = assertThrows(() => waits.enter(), Problem);
  assertEquals([problem.kind, problem.headers], ["unavailable", { "retry-after": "1" }]);
  places[7]?.[Symbol.dispose]();
  waits.enter();
  assertThrows(() => waits.enter(), Problem);
});

Deno.test("AckWaits waits for 65,536 notifications to a target each at once, and for no more", async () => {
  const { waits, stopping } = bench({ acks: never });
  const many = Array.from({ length: 10_000 }, (_, n) => kept("a", `t${n}`));
  const all = Array.from({ length: 6 }, () => waits.reports({ accepted: many, ids: ["a"] }, PATIENT));
  await settle();
  assertEquals(await waits.reports({ accepted: many, ids: ["a"] }, PATIENT), null);
  const few = waits.reports({ accepted: many.slice(0, 5_000), ids: ["a"] }, PATIENT);
  stopping.abort();
  for (const waiting of [...all, few]) assertEquals((await waiting)?.length, 1);
  assertEquals(
    (await waits.reports({ accepted: many, ids: ["a"] }, PATIENT))?.length,
    1,
    "there is room again",
  );
});
