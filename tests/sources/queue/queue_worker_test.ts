/** QueueWorker: one of the workers that share a queue publishes each message, once. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { memorySchedule } from "../../../src/schedule/memory.ts";
import { Problem, unavailable } from "../../../src/wire/problem.ts";
import { eventually } from "../../eventually.ts";
import { test } from "../../nats/nats_server.ts";
import { hello, numbers, sorted, TestQueue } from "./test_queue.ts";

test("QueueWorker publishes a notification or an array of them, and acks the message when the journal has it", async () => {
  await using queue = await TestQueue.open();
  await queue.startWorker();
  await queue.publish(hello(1));
  await queue.publish([hello(2), { targets: ["burr", "alexander"], data: 3 }]);
  await queue.drained();
  assertEquals(sorted(queue.offered), [1, 2, 3]);
  assertEquals([queue.reported, queue.logged], [[], []]);
});

test("QueueWorker handles messages from before it was started, and those from a time without any worker", async () => {
  await using queue = await TestQueue.open();
  const first = await queue.startWorker();
  await queue.publish(hello(1));
  await queue.drained();
  await first.close();
  await queue.publish(hello(2));
  await queue.startWorker();
  await queue.drained();
  assertEquals(queue.offered, [1, 2]);
});

test("QueueWorker identifies a notification by its id, its message's id, or its message's place in the stream", async () => {
  await using queue = await TestQueue.open();
  await queue.startWorker();
  for (
    const [body, msgId] of [
      [hello(1, { id: "mine" }), "theirs"],
      [hello(2), "theirs-2"],
      [[hello(3, { id: "mine-3" }), hello(4)], "theirs-3"],
      [hello(5), undefined],
    ] as const
  ) {
    await queue.publish(body, msgId === undefined ? {} : { msgId });
    await queue.drained();
  }
  assertEquals(queue.ids.slice(0, 4), ["mine", "theirs-2", "mine-3", "theirs-3.1"]);
  assertMatch(String(queue.ids[4]), /^[\w-]{22}$/);
});

for (const body of [hello(1, { id: "mine" }), hello(1), [hello(1), hello(2, { id: "mine" })]]) {
  for (const msgId of ["theirs", undefined]) {
    test(`QueueWorker delivers ${JSON.stringify(body)} (${msgId}) once if a node dies before the ack`, async () => {
      await using queue = await TestQueue.open();
      const dead = Promise.withResolvers<void>();
      let appends = 0;
      await queue.startWorker({
        async accept(drafts) {
          const receipts = await queue.accept(drafts);
          appends++;
          await dead.promise;
          return receipts;
        },
      });
      await queue.publish(body, msgId === undefined ? {} : { msgId });
      await eventually(() => appends > 0);
      await queue.startWorker();
      await queue.drained();
      dead.resolve();
      assertEquals(sorted(queue.offered), Array.isArray(body) ? [1, 2] : [1]);
    });
  }
}

test("QueueWorker retries after Retry-After when there is no room, and pulls no more messages meanwhile", async () => {
  await using queue = await TestQueue.open();
  const retryAfterMs = 60;
  const refusedAt: number[] = [], acceptedAt: number[] = [];
  await queue.startWorker({
    accept(drafts) {
      const isFirst = refusedAt.length === 0;
      (isFirst ? refusedAt : acceptedAt).push(Date.now());
      if (isFirst) throw unavailable("no room", { seconds: retryAfterMs / 1000 });
      return queue.accept(drafts);
    },
    limits: { messages: 1, ackWaitMs: 30_000 },
  });
  await queue.publish(hello(1));
  await queue.publish(hello(2));
  await queue.drained();
  assertEquals(sorted(queue.offered), [1, 2]);
  for (const at of acceptedAt) assert(at - Number(refusedAt[0]) >= retryAfterMs - 2); // times are rounded
  assertEquals(queue.reported, []);
});

test("QueueWorker retries a message after an internal error, reports it, and handles others meanwhile", async () => {
  await using queue = await TestQueue.open();
  const bugs = [new TypeError("a bug"), new Problem("broken", "a bug"), new TypeError("another")];
  let failures = 0;
  await queue.create({ ackWaitMs: 30_000 });
  for (const data of ["victim", "other"]) await queue.publish(hello(data)); // both come with the first pull
  await queue.startWorker({
    accept(drafts) {
      const bug = bugs[failures];
      if (!drafts.some(({ data }) => data === '"victim"') || bug === undefined) return queue.accept(drafts);
      failures++;
      return Promise.reject(bug);
    },
  });
  await queue.drained();
  assertEquals(queue.offered, ["other", "victim"]);
  assertEquals(queue.reported, bugs);
});

test("QueueWorker shares the queue: one worker handles each message, even while another worker is busy", async () => {
  await using queue = await TestQueue.open();
  const handled: unknown[] = [];
  const release = Promise.withResolvers<void>();
  const limits = { ackWaitMs: 30_000, messages: 4 };
  await queue.startWorker({
    limits,
    async accept(drafts) {
      handled.push(drafts);
      await release.promise;
      return queue.accept(drafts);
    },
  });
  for (const number of numbers(4)) await queue.publish(hello(number));
  await eventually(() => handled.length === 4);
  await queue.startWorker({
    limits,
    accept: (drafts) => queue.accept(drafts).finally(() => handled.push(drafts)),
  });
  for (const number of numbers(96)) await queue.publish(hello(4 + number));
  await eventually(() => handled.length === 100);
  release.resolve();
  await queue.drained();
  assertEquals(sorted(queue.offered), numbers(100));
  assertEquals(handled.length, 100);
});

test("QueueWorker never has more messages in flight than its limit", async () => {
  await using queue = await TestQueue.open();
  await queue.create({ ackWaitMs: 30_000 });
  for (const number of numbers(40)) await queue.publish(hello(number));
  let inFlight = 0, max = 0;
  await queue.startWorker({
    async accept(drafts) {
      max = Math.max(max, ++inFlight);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inFlight--;
      return await queue.accept(drafts);
    },
    limits: { messages: 4 },
  });
  await queue.drained();
  assertEquals([queue.offered.length, max], [40, 4]);
});

test("QueueWorker finishes the messages in flight when it is closed, and leaves the rest to others", async () => {
  await using queue = await TestQueue.open();
  const gate = Promise.withResolvers<void>();
  let handled = 0;
  const worker = await queue.startWorker({
    async accept(drafts) {
      handled++;
      await gate.promise;
      return queue.accept(drafts);
    },
    limits: { messages: 5, ackWaitMs: 30_000 },
  });
  for (const number of numbers(8)) await queue.publish(hello(number));
  await eventually(() => handled === 5);
  const closed = worker.close();
  gate.resolve();
  await closed;
  assertEquals(sorted(queue.offered), numbers(5));
  assertEquals((await queue.stored("in")).length, 3, "the messages in flight were acked");
  await queue.startWorker();
  await queue.drained();
  assertEquals([sorted(queue.offered), handled], [numbers(8), 5]);
});

test("QueueWorker schedules a notification with a time, under the key of its message", async () => {
  await using queue = await TestQueue.open();
  const schedule = memorySchedule({ maxBytes: 1024 * 1024, now: Date.now });
  await queue.startWorker({ schedule: (records) => schedule.add(records) });
  const at = new Date(Date.now() + 60_000).toISOString();
  for (let delivery = 0; delivery < 2; delivery++) {
    await queue.publish(hello(1, { at }), { msgId: `m${delivery}` });
  }
  await queue.publish(hello(2));
  await queue.drained();
  assertEquals(queue.offered, [2]);
  assertEquals((await schedule.find("notification m0"))?.dueAt, Date.parse(at));
  assertEquals((await schedule.find("notification m1"))?.state, "waiting");
  await schedule.close();
});
