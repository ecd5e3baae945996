/** Tests when a wait for a drain resolves or rejects, and that the timer runs only while something waits. */

import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { DrainPoller, StalledError } from "../../src/connection/drain_poller.ts";

function createPoller(): DrainPoller {
  return new DrainPoller({ everyMs: 5, stuckAfterMs: 30_000, now: Date.now });
}

/** Waits until the poller has started its timer. */
async function waitForTimer(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve));
}

Deno.test("DrainPoller.drained resolves at once if no more than the limit is buffered", async () => {
  await createPoller().drained({ buffered: 100 }, 100);
});

Deno.test("DrainPoller.drained needs no timer for a buffer that drains within a turn of the event loop", async () => {
  using _time = new FakeTime();
  const buffer = { buffered: 300 };
  setImmediate(() => buffer.buffered = 0);
  await createPoller().drained(buffer, 100);
});

Deno.test("DrainPoller.drained waits until no more than the limit is buffered", async () => {
  using time = new FakeTime();
  const buffer = { buffered: 300 };
  let drained = false;
  const waiting = createPoller().drained(buffer, 100).then(() => drained = true);
  await waitForTimer();
  await time.tickAsync(50);
  buffer.buffered = 101;
  await time.tickAsync(50);
  assertEquals(drained, false);
  buffer.buffered = 100;
  await time.tickAsync(5);
  assertEquals(drained, true);
  await waiting;
});

Deno.test("DrainPoller.drained rejects when nothing was sent for too long", async () => {
  using time = new FakeTime();
  const stuck = assertRejects(() => createPoller().drained({ buffered: 300 }, 100), StalledError);
  await waitForTimer();
  await time.tickAsync(30_005);
  await stuck;
});

Deno.test("DrainPoller.drained keeps waiting for a buffer that drains slowly", async () => {
  using time = new FakeTime();
  const buffer = { buffered: 1_000 };
  const waiting = createPoller().drained(buffer, 0);
  await waitForTimer();
  for (; buffer.buffered > 0; buffer.buffered -= 100) await time.tickAsync(29_000);
  await time.tickAsync(5);
  await waiting;
});

Deno.test("DrainPoller ends each wait on its own", async () => {
  using time = new FakeTime();
  const poller = createPoller();
  const [stuck, slow] = [{ buffered: 300 }, { buffered: 300 }];
  const rejected = assertRejects(() => poller.drained(stuck, 100), StalledError);
  const waiting = poller.drained(slow, 100);
  await waitForTimer();
  await time.tickAsync(20_000);
  slow.buffered = 200;
  await time.tickAsync(20_000);
  await rejected;
  slow.buffered = 0;
  await time.tickAsync(5);
  await waiting;
});

Deno.test("DrainPoller does not reject because the process was suspended", async () => {
  using time = new FakeTime();
  let suspendedMs = 0;
  const poller = new DrainPoller({ everyMs: 5, stuckAfterMs: 30_000, now: () => Date.now() + suspendedMs });
  const buffer = { buffered: 300 };
  const waiting = poller.drained(buffer, 100);
  await waitForTimer();
  suspendedMs = 3_600_000; // a paused container can neither send nor poll
  await time.tickAsync(20_000);
  buffer.buffered = 100;
  await time.tickAsync(5);
  await waiting;
});

Deno.test("DrainPoller.close rejects all waits, and later ones", async () => {
  const poller = new DrainPoller({ everyMs: 5, stuckAfterMs: 30_000 });
  const waiting = poller.drained({ buffered: 2 }, 1);
  await waitForTimer();
  poller.close();
  await assertRejects(() => waiting, StalledError);
  await assertRejects(() => poller.drained({ buffered: 2 }, 1), StalledError);
  await poller.drained({ buffered: 1 }, 1);
});
