/** Tests EventLoopLag: the longest delay of the last 15 to 30 seconds, for any number of readers. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { EventLoopLag } from "../../src/metrics/event_loop_lag.ts";

/** A lag that is measured until it is disposed. `blockedMs` is how long the event loop was held up altogether. */
class MeasuredLag implements Disposable {
  readonly time = new FakeTime();
  readonly lag: EventLoopLag;
  readonly #stop = new AbortController();
  blockedMs = 0;

  constructor() {
    this.lag = new EventLoopLag(() => Date.now() + this.blockedMs);
    this.lag.start(this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
  }

  [Symbol.dispose](): void {
    this.stop();
    this.time.restore();
  }
}

Deno.test("EventLoopLag is 0 while nothing holds up the event loop", () => {
  using measured = new MeasuredLag();
  measured.time.tick(60_000);
  assertEquals(measured.lag.seconds, 0);
});

Deno.test("EventLoopLag is the longest delay, and forgets it after 15 to 30 seconds", () => {
  using measured = new MeasuredLag();
  const { time, lag } = measured;
  time.tick(10_000);
  for (const ms of [40, 300, 20]) {
    measured.blockedMs += ms;
    time.tick(250);
  }
  assertEquals([lag.seconds, lag.seconds], [0.3, 0.3], "a reading resets nothing");
  time.tick(15_000);
  assertEquals(lag.seconds, 0.3);
  time.tick(15_000);
  assertEquals(lag.seconds, 0);
});

Deno.test("EventLoopLag includes a delay before the timer has run", () => {
  using measured = new MeasuredLag();
  measured.blockedMs = 5_250;
  assertEquals(measured.lag.seconds, 5);
});

Deno.test("EventLoopLag wakes the process up at most five times a second, and not at all after it was stopped", () => {
  using measured = new MeasuredLag();
  let calls = 0;
  const lag = new EventLoopLag(() => ++calls);
  const stop = new AbortController();
  lag.start(stop.signal);
  const before = calls;
  measured.time.tick(10_000);
  assert(calls > before && calls - before <= 50, `${calls - before}`);
  stop.abort();
  const stopped = calls;
  measured.time.tick(10_000);
  assertEquals(calls, stopped);
});
