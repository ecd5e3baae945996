/** Retries: how often tasks are tried while all of them fail, and when one does not. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Retries } from "../../src/async/retries.ts";

const TASKS = 100;

Deno.test("Retries tries only a few of many tasks after each pause, and all of them once they succeed", async () => {
  using time = new FakeTime();
  const retries = new Retries({ ms: 500, atOnce: 4, signal: new AbortController().signal });
  let tries = 0, isUp = false;
  const all = Array.from({ length: TASKS }, () => retries.untilDone(() => Promise.resolve((tries++, isUp))));
  for (let pauses = 0; pauses < 5; pauses++) {
    await time.tickAsync(499);
    assertEquals(tries, 4 * pauses);
    await time.tickAsync(1);
  }
  await time.tickAsync(499);
  isUp = true;
  await time.tickAsync(1);
  await Promise.all(all);
  assertEquals(tries, 4 * 5 + TASKS);
});

Deno.test("Retries gives other tasks their turns while one always fails", async () => {
  using time = new FakeTime();
  const stop = new AbortController();
  const retries = new Retries({ ms: 500, atOnce: 1, signal: stop.signal });
  const failing = retries.untilDone(() => Promise.resolve(false));
  const others = Array.from({ length: 3 }, () => retries.untilDone(() => Promise.resolve(true)));
  await time.tickAsync(1_000);
  await Promise.all(others);
  stop.abort();
  await failing;
});

Deno.test("Retries ends all waiting when its signal aborts, and tries nothing more", async () => {
  const stop = new AbortController();
  const retries = new Retries({ ms: 3_600_000, atOnce: 4, signal: stop.signal });
  let tries = 0;
  const all = Array.from({ length: TASKS }, () => retries.untilDone(() => Promise.resolve(++tries > 0)));
  stop.abort();
  await Promise.all(all);
  await retries.untilDone(() => Promise.resolve(++tries > 0));
  assertEquals(tries, 0);
});
