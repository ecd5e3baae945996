/** Polling: when it polls, and what it reports. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Polling } from "../../src/nats/polling.ts";

function setUp(poll: () => Promise<void>) {
  const link = { isUp: true }, failures: string[] = [];
  const polling = new Polling(link, {
    everyMs: 100,
    poll,
    onFailure: (reason) => void failures.push(reason),
  });
  return { link, failures, polling };
}

Deno.test("Polling polls at an interval while the connection is up, one look at a time, until it is closed", async () => {
  using time = new FakeTime();
  let polls = 0, under = Promise.withResolvers<void>();
  const { link, polling } = setUp(() => {
    polls++;
    return under.promise;
  });
  await time.tickAsync(99);
  assertEquals(polls, 0);
  await time.tickAsync(201);
  assertEquals(polls, 1, "the first look takes longer than the interval");
  under.resolve();
  link.isUp = false;
  await time.tickAsync(100);
  assertEquals(polls, 1);
  link.isUp = true;
  under = Promise.withResolvers();
  const now = polling.poll(), closing = polling.close();
  assertEquals([polls, polling.isClosed], [2, true]);
  under.resolve();
  await Promise.all([now, closing, polling.poll()]);
  await time.tickAsync(1_000);
  assertEquals(polls, 2);
});

Deno.test("Polling reports a failure once until it succeeds or fails in another way, and none after it is closed", async () => {
  using time = new FakeTime();
  const results = ["gone", "gone", "full", "gone", null, "gone"];
  const { failures, polling } = setUp(() => {
    const reason = results.shift() ?? null;
    return reason === null ? Promise.resolve() : Promise.reject(new Error(reason));
  });
  await time.tickAsync(600);
  assertEquals([failures, results], [["gone", "full", "gone", "gone"], []]);
  results.push("late");
  const last = polling.poll();
  await polling.close();
  await last;
  assertEquals(failures.length, 4);
});
