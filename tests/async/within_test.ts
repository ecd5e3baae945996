/** Tests what ends a wait of `within`, and that no timer is left. */

import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { within } from "../../src/async/within.ts";

const NEVER = new Promise<void>(() => {});

async function hasResolved(waiting: Promise<void>): Promise<boolean> {
  const notYet = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return await Promise.race([waiting.then(() => true), notYet]);
}

Deno.test("within resolves when its promise resolves", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const waiting = within(promise, { ms: 1_000_000, signal: new AbortController().signal });
  assertEquals(await hasResolved(waiting), false);
  resolve("done");
  await waiting; // Deno's sanitizer then fails the test if the timer is left
});

Deno.test("within rejects when its promise rejects", async () => {
  const failed = Promise.reject(new Error("broken"));
  await assertRejects(() => within(failed, { ms: 1_000_000 }), Error, "broken");
});

Deno.test("within resolves when the time has passed, and not before", async () => {
  using time = new FakeTime();
  const waiting = within(NEVER, { ms: 1_000 });
  time.tick(999);
  assertEquals(await hasResolved(waiting), false);
  time.tick(1);
  await waiting;
});

Deno.test("within resolves when the signal aborts, and at once if it has aborted before", async () => {
  const controller = new AbortController();
  const waiting = within(NEVER, { signal: controller.signal });
  assertEquals(await hasResolved(waiting), false);
  controller.abort();
  await waiting;
  await within(NEVER, { signal: controller.signal });
});
