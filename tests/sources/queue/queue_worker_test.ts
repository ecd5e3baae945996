/** QueueWorker: every message of the queue is kept once, by one of those who share it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Problem, unavailable } from "../../../src/wire/problem.ts";
import { test } from "../../nats/nats_server.ts";
import { Desk, eventually, hello, numbers, sorted } from "./test_queue.ts";

test("QueueWorker keeps a notification, or those of an array, and acks when it is kept", async () => {
  await using desk = await Desk.opened();
  await desk.worker();
  await desk.publish(hello(1));
  await desk.publish([hello(2), { targets: ["burr", "alexander"], data: 3 }]);
  await desk.emptied();
  assertEquals(sorted(desk.offered), [1, 2, 3]);
  assertEquals([desk.reported, desk.logged], [[], []]);
});

test("QueueWorker takes what was there before it, and while none was", async () => {
  await using desk = await Desk.opened();
  const first = await desk.worker();
  await desk.publish(hello(1));
  await desk.emptied();
  await first.close();
  await desk.publish(hello(2));
  await desk.worker();
  await desk.emptied();
  assertEquals(desk.offered, [1, 2]);
});

test("QueueWorker names a notification by its id, else by its message's, else by its place", async () => {
  await using desk = await Desk.opened();
  await desk.worker();
  for (
    const [body, msgId] of [
      [hello(1, { id: "mine" }), "theirs"],
      [hello(2), "theirs-2"],
      [[hello(3, { id: "mine-3" }), hello(4)], "theirs-3"],
      [hello(5), undefined],
    ] as const
  ) {
    await desk.publish(body, msgId === undefined ? {} : { msgId });
    await desk.emptied();
  }
  assertEquals(desk.ids.slice(0, 4), ["mine", "theirs-2", "mine-3", "theirs-3.1"]);
  assertMatch(String(desk.ids[4]), /^[\w-]{22}$/);
});

for (const body of [hello(1, { id: "mine" }), hello(1), [hello(1), hello(2, { id: "mine" })]]) {
  for (const msgId of ["theirs", undefined]) {
    test(`QueueWorker delivers ${JSON.stringify(body)} (${msgId}) once, if a node dies before the ack`, async () => {
      await using desk = await Desk.opened();
      const dead = Promise.withResolvers<void>();
      let appends = 0;
      await desk.worker({
        async accept(drafts) {
          const receipts = await desk.accept(drafts);
          appends++;
          await dead.promise;
          return receipts;
        },
      });
      await desk.publish(body, msgId === undefined ? {} : { msgId });
      await eventually(() => appends > 0);
      await desk.worker();
      await desk.emptied();
      dead.resolve();
      assertEquals(sorted(desk.offered), Array.isArray(body) ? [1, 2] : [1]);
    });
  }
}

test("QueueWorker repeats what there is no room for, not before Retry-After, and asks for no more meanwhile", async () => {
  await using desk = await Desk.opened();
  const retryAfterMs = 60;
  const refusedAt: number[] = [], takenAt: number[] = [];
  await desk.worker({
    accept(drafts) {
      const isFirst = refusedAt.length === 0;
      (isFirst ? refusedAt : takenAt).push(Date.now());
      if (isFirst) throw unavailable("no room", { seconds: retryAfterMs / 1000 });
      return desk.accept(drafts);
    },
    limits: { messages: 1, ackWaitMs: 30_000 },
  });
  await desk.publish(hello(1));
  await desk.publish(hello(2));
  await desk.emptied();
  assertEquals(sorted(desk.offered), [1, 2]);
  for (const at of takenAt) assert(at - Number(refusedAt[0]) >= retryAfterMs - 2); // clocks round
  assertEquals(desk.reported, []);
});

test("QueueWorker repeats what failed for no fault of its own, reports it, and takes others meanwhile", async () => {
  await using desk = await Desk.opened();
  const bugs = [new TypeError("a bug"), new Problem("broken", "a bug"), new TypeError("another")];
  let failures = 0;
  await desk.made({ ackWaitMs: 30_000 });
  for (const data of ["victim", "other"]) await desk.publish(hello(data)); // so both come with the first pull
  await desk.worker({
    accept(drafts) {
      const bug = bugs[failures];
      if (!drafts.some(({ data }) => data === '"victim"') || bug === undefined) return desk.accept(drafts);
      failures++;
      return Promise.reject(bug);
    },
  });
  await desk.emptied();
  assertEquals(desk.offered, ["other", "victim"]);
  assertEquals(desk.reported, bugs);
});

test("QueueWorker shares the queue with others: each message is taken by one, while another is busy too", async () => {
  await using desk = await Desk.opened();
  const taken: unknown[] = [];
  const release = Promise.withResolvers<void>();
  const limits = { ackWaitMs: 30_000, messages: 4 };
  const busy = desk.worker({
    limits,
    async accept(drafts) {
      taken.push(drafts);
      await release.promise;
      return desk.accept(drafts);
    },
  });
  await busy;
  for (const number of numbers(4)) await desk.publish(hello(number));
  await eventually(() => taken.length === 4);
  await desk.worker({ limits, accept: (drafts) => desk.accept(drafts).finally(() => taken.push(drafts)) });
  for (const number of numbers(96)) await desk.publish(hello(4 + number));
  await eventually(() => taken.length === 100);
  release.resolve();
  await desk.emptied();
  assertEquals(sorted(desk.offered), numbers(100));
  assertEquals(taken.length, 100);
});

test("QueueWorker takes no more at once than it may", async () => {
  await using desk = await Desk.opened();
  await desk.made({ ackWaitMs: 30_000 });
  for (const number of numbers(40)) await desk.publish(hello(number));
  let taken = 0, max = 0;
  await desk.worker({
    async accept(drafts) {
      max = Math.max(max, ++taken);
      await new Promise((resolve) => setTimeout(resolve, 1));
      taken--;
      return await desk.accept(drafts);
    },
    limits: { messages: 4 },
  });
  await desk.emptied();
  assertEquals([desk.offered.length, max], [40, 4]);
});

test("QueueWorker finishes what it has when it is closed, and leaves the rest to others", async () => {
  await using desk = await Desk.opened();
  const gate = Promise.withResolvers<void>();
  let taken = 0;
  const worker = await desk.worker({
    async accept(drafts) {
      taken++;
      await gate.promise;
      return desk.accept(drafts);
    },
    limits: { messages: 5, ackWaitMs: 30_000 },
  });
  for (const number of numbers(8)) await desk.publish(hello(number));
  await eventually(() => taken === 5);
  const closed = worker.close();
  gate.resolve();
  await closed;
  assertEquals(sorted(desk.offered), numbers(5));
  assertEquals((await desk.stored("in")).length, 3, "what it had is acked");
  await desk.worker();
  await desk.emptied();
  assertEquals([sorted(desk.offered), taken], [numbers(8), 5]);
});
