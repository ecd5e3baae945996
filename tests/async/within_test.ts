/** until: what ends the waiting, and that nothing is left of it. */

import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { within } from "../../src/async/within.ts";

const NEVER = new Promise<void>(() => {});

/** Whether it has resolved, now. */
async function isOver(waiting: Promise<void>): Promise<boolean> {
  const notYet = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return await Promise.race([waiting.then(() => true), notYet]);
}

Deno.test("until resolves when that is done which it waits for", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const waiting = within(promise, { ms: 1_000_000, signal: new AbortController().signal });
  assertEquals(await isOver(waiting), false);
  resolve("done");
  await waiting; // and Deno's sanitizer sees that the timer is gone
});

Deno.test("until rejects as that does which it waits for", async () => {
  const failed = Promise.reject(new Error("broken"));
  await assertRejects(() => within(failed, { ms: 1_000_000 }), Error, "broken");
});

Deno.test("until resolves when the time is over, and not before", async () => {
  using time = new FakeTime();
  const waiting = within(NEVER, { ms: 1_000 });
  time.tick(999);
  assertEquals(await isOver(waiting), false);
  time.tick(1);
  await waiting;
});

Deno.test("until resolves when the signal aborts, or has aborted before", async () => {
  const controller = new AbortController();
  const waiting = within(NEVER, { signal: controller.signal });
  assertEquals(await isOver(waiting), false);
  controller.abort();
  await waiting;
  await within(NEVER, { signal: controller.signal });
});
