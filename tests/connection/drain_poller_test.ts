/** DrainWatch: who has drained goes on, who is stuck is told, and the timer runs only while somebody waits. */

import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { DrainPoller, StalledError } from "../../src/connection/drain_poller.ts";

function watch(): DrainPoller {
  return new DrainPoller({ everyMs: 5, stuckAfterMs: 30_000, now: Date.now });
}

/** Until the watch has begun to use its timer. */
async function timerRuns(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve));
}

Deno.test("DrainWatch.drained resolves at once at or under the mark", async () => {
  await watch().drained({ buffered: 100 }, 100);
});

Deno.test("DrainWatch.drained needs no timer for what drains within a turn of the event loop", async () => {
  using _time = new FakeTime();
  const backlog = { buffered: 300 };
  setImmediate(() => backlog.buffered = 0);
  await watch().drained(backlog, 100);
});

Deno.test("DrainWatch.drained waits until no more than the mark is buffered", async () => {
  using time = new FakeTime();
  const backlog = { buffered: 300 };
  let drained = false;
  const waiting = watch().drained(backlog, 100).then(() => drained = true);
  await timerRuns();
  await time.tickAsync(50);
  backlog.buffered = 101;
  await time.tickAsync(50);
  assertEquals(drained, false);
  backlog.buffered = 100;
  await time.tickAsync(5);
  assertEquals(drained, true);
  await waiting;
});

Deno.test("DrainWatch.drained rejects when nothing was sent for too long", async () => {
  using time = new FakeTime();
  const stuck = assertRejects(() => watch().drained({ buffered: 300 }, 100), StalledError);
  await timerRuns();
  await time.tickAsync(30_005);
  await stuck;
});

Deno.test("DrainWatch.drained is patient with what is slow but moves", async () => {
  using time = new FakeTime();
  const backlog = { buffered: 1_000 };
  const waiting = watch().drained(backlog, 0);
  await timerRuns();
  for (; backlog.buffered > 0; backlog.buffered -= 100) await time.tickAsync(29_000);
  await time.tickAsync(5);
  await waiting;
});

Deno.test("DrainWatch ends each wait on its own", async () => {
  using time = new FakeTime();
  const drains = watch();
  const [stuck, slow] = [{ buffered: 300 }, { buffered: 300 }];
  const rejected = assertRejects(() => drains.drained(stuck, 100), StalledError);
  const waiting = drains.drained(slow, 100);
  await timerRuns();
  await time.tickAsync(20_000);
  slow.buffered = 200;
  await time.tickAsync(20_000);
  await rejected;
  slow.buffered = 0;
  await time.tickAsync(5);
  await waiting;
});

Deno.test("DrainWatch does not take for stuck what could not move while the process was held up", async () => {
  using time = new FakeTime();
  let heldUpMs = 0;
  const drains = new DrainPoller({ everyMs: 5, stuckAfterMs: 30_000, now: () => Date.now() + heldUpMs });
  const backlog = { buffered: 300 };
  const waiting = drains.drained(backlog, 100);
  await timerRuns();
  heldUpMs = 3_600_000; // as a container that was paused: nothing was sent meanwhile, and nobody looked
  await time.tickAsync(20_000);
  backlog.buffered = 100;
  await time.tickAsync(5);
  await waiting;
});

Deno.test("DrainWatch.close gives up all that it waits for, and whatever comes then", async () => {
  const watch = new DrainPoller({ everyMs: 5, stuckAfterMs: 30_000 });
  const waiting = watch.drained({ buffered: 2 }, 1);
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  watch.close();
  await assertRejects(() => waiting, StalledError);
  await assertRejects(() => watch.drained({ buffered: 2 }, 1), StalledError);
  await watch.drained({ buffered: 1 }, 1);
});
