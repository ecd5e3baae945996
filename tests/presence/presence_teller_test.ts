/** PresenceTeller keeps the events of a target in order, and spares an application that fails. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { UnavailableError } from "../../src/journal/journal.ts";
import { memoryPresence } from "../../src/presence/memory_presence.ts";
import { withNode, withoutNode } from "../../src/presence/presence_record.ts";
import type { PresenceRecords } from "../../src/presence/presence_records.ts";
import { PresenceTeller } from "../../src/presence/presence_teller.ts";
import type { Outcome } from "../../src/processor/webhook/attempt.ts";
import type { Envelope } from "../../src/processor/webhook/signature.ts";

const START = 1_000_000, HOUR_MS = 3_600_000;
const FAILED: Outcome = { kind: "failed", reason: "the webhook answered 500", retryAfterMs: 0 };
const DELIVERED: Outcome = { kind: "delivered" };

interface Bench {
  readonly records: PresenceRecords;
  readonly teller: PresenceTeller;
  /** The bodies of all requests. */
  readonly requests: string[];
  readonly counted: { lost: number; attempts: string[]; errors: string[] };
  readonly time: FakeTime;
  come(target: string): Promise<void>;
  go(target: string): Promise<void>;
}

/** Runs with a teller over records in memory, on a fake clock. */
function testTeller(
  behaviour: string,
  answer: (envelope: Envelope) => Outcome | Promise<Outcome>,
  run: (bench: Bench) => Promise<void>,
): void {
  Deno.test(`PresenceTeller ${behaviour}`, async () => {
    using time = new FakeTime(START);
    const records = await memoryPresence({ maxBytes: 64 * 1024 * 1024 });
    const requests: string[] = [],
      counted = { lost: 0, attempts: new Array<string>(), errors: new Array<string>() };
    const teller = new PresenceTeller({
      node: "n1",
      records,
      attempt(envelope) {
        requests.push(envelope.body);
        return Promise.resolve(answer(envelope));
      },
      log: { debug() {}, error: (message) => void counted.errors.push(message) },
      metrics: {
        presenceAttempted: (outcome) => void counted.attempts.push(outcome),
        presenceLost: (events) => void (counted.lost += events),
      },
      report(error) {
        throw error;
      },
      now: Date.now,
      random: () => 1,
      retryMs: 500,
    });
    const change = async (target: string, by: typeof withNode) => {
      const moment = { node: "n1", at: Date.now(), now: Date.now() };
      teller.tell(target, await records.change(target, (record) => by(record, moment)));
    };
    await run({
      records,
      teller,
      requests,
      counted,
      time,
      come: (target) => change(target, withNode),
      go: (target) => change(target, withoutNode),
    });
    await teller.close();
    await records.close();
  });
}

testTeller(
  "tells what happened, when, and when that was found out",
  () => DELIVERED,
  async ({ requests, records, teller }) => {
    const moment = { node: "n1", at: START - 5_000, now: START };
    teller.tell("é🗽", await records.change("é🗽", (record) => withNode(record, moment)));
    await teller.close();
    assertEquals(requests, [
      '{"type":"target.online","timestamp":"1970-01-01T00:16:40.000Z","data":{"target":"é🗽","at":"1970-01-01T00:16:35.000Z"}}',
    ]);
  },
);

testTeller(
  "leaves the events of other nodes to those",
  () => DELIVERED,
  async ({ requests, records, teller, time }) => {
    const moment = { node: "n2", at: START, now: START };
    teller.tell("a", await records.change("a", (record) => withNode(record, moment)));
    await time.tickAsync(HOUR_MS);
    assertEquals([requests, teller.size], [[], 0]);
  },
);

const waiting: PromiseWithResolvers<Outcome>[] = [];
testTeller("tells an event that was added while the one before was being told", () => {
  const answer = Promise.withResolvers<Outcome>();
  waiting.push(answer);
  return answer.promise;
}, async ({ come, go, time, requests, teller }) => {
  await come("a");
  await go("a");
  await come("a");
  assertEquals(requests.length, 1);
  for (let n = 0; n < 3; n++) {
    waiting[n]?.resolve(DELIVERED);
    await time.tickAsync(0);
  }
  assertEquals(requests.map((body) => JSON.parse(body).type), [
    "target.online",
    "target.offline",
    "target.online",
  ]);
  assertEquals(teller.size, 0);
});

Deno.test("PresenceTeller looks once more if an event may have been added while it removed the last one", async () => {
  const records = await memoryPresence({ maxBytes: 1024 * 1024 }), told: string[] = [];
  const moment = { node: "n1", at: START, now: START };
  const removing = Promise.withResolvers<void>();
  let isFirst = true;
  const teller = new PresenceTeller({
    node: "n1",
    records: {
      async change(target, change) {
        const record = await records.change(target, change);
        if (isFirst) await removing.promise; // the record is changed, and this node has not heard of it
        isFirst = false;
        return record;
      },
    },
    attempt({ body }) {
      told.push(JSON.parse(body).type);
      return Promise.resolve(DELIVERED);
    },
    log: { debug() {}, error() {} },
    metrics: { presenceAttempted() {}, presenceLost() {} },
    report() {},
    now: () => START,
    retryMs: 1,
  });
  teller.tell("a", await records.change("a", (record) => withNode(record, moment)));
  while ((await records.change("a", (record) => record)).events.length > 0);
  teller.tell("a", await records.change("a", (record) => withoutNode(record, moment)));
  removing.resolve();
  while (teller.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(told, ["target.online", "target.offline"]);
  await teller.close();
  await records.close();
});

let failures = 0;
testTeller(
  "repeats an event with the same body, and gives it up after a day",
  () => (failures++, FAILED),
  async (bench) => {
    await bench.come("a");
    await bench.time.tickAsync(23 * HOUR_MS);
    assertEquals(bench.counted.lost, 0);
    assertEquals(new Set(bench.requests).size, 1);
    await bench.go("a");
    await bench.time.tickAsync(2 * HOUR_MS);
    assertEquals([bench.counted.lost, bench.counted.errors.length], [1, 1]);
    assert(bench.requests.at(-1)?.includes("target.offline"));
    assert(failures > 1_000 && failures < 2_000, `${failures}`);
  },
);

let isDown = true, running = 0, mostRunning = 0;
testTeller(
  "makes few requests to an application that fails, and many at once when it is well again",
  async () => {
    mostRunning = Math.max(mostRunning, ++running);
    await new Promise((resolve) => setTimeout(resolve, 100));
    running--;
    return isDown ? FAILED : DELIVERED;
  },
  async ({ come, time, requests, teller }) => {
    for (let n = 0; n < 1_000; n++) await come(`target ${n}`);
    await time.tickAsync(60_000);
    assert(requests.length >= 16 && requests.length < 100, `${requests.length}`);
    mostRunning = 0;
    await time.tickAsync(120_000);
    assertEquals(mostRunning, 1);
    isDown = false;
    await time.tickAsync(180_000);
    assertEquals([teller.size, mostRunning], [0, 8]);
  },
);

testTeller(
  "does not let an event that the application refuses hold up those of other targets",
  ({ body }) => body.includes('"bad"') ? FAILED : DELIVERED,
  async ({ come, time, counted }) => {
    await come("bad");
    for (let n = 0; n < 100; n++) {
      await come(`target ${n}`);
      await time.tickAsync(1_000);
    }
    assertEquals(counted.attempts.filter((outcome) => outcome === "delivered").length, 100);
  },
);

testTeller(
  "drops events once the application has answered 410",
  () => ({ kind: "gone" }),
  async ({ come, go, time, counted, requests, records }) => {
    await come("a");
    await go("a");
    await come("b");
    await time.tickAsync(1_000);
    assertEquals([counted.lost, counted.errors.length], [3, 1]);
    assert(requests.length <= 2);
    assertEquals((await records.change("b", (record) => record)).events, []);
  },
);

Deno.test("PresenceTeller does not tell an event again because it cannot be removed from the record", async () => {
  const records = await memoryPresence({ maxBytes: 1024 * 1024 });
  let failures = 3, requests = 0;
  const teller = new PresenceTeller({
    node: "n1",
    records: {
      change: (target, change) =>
        failures-- > 0 ? Promise.reject(new UnavailableError("no NATS")) : records.change(target, change),
    },
    attempt: () => Promise.resolve((requests++, DELIVERED)),
    log: { debug() {}, error() {} },
    metrics: { presenceAttempted() {}, presenceLost() {} },
    report(error) {
      throw error;
    },
    now: () => START,
    retryMs: 1,
  });
  const moment = { node: "n1", at: START, now: START };
  teller.tell("a", await records.change("a", (record) => withNode(record, moment)));
  while (teller.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals([requests, (await records.change("a", (record) => record)).events], [1, []]);
  await teller.close();
  await records.close();
});
