/** Tests the retry schedule: exponential back-off with full jitter. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MAX_ATTEMPTS, retryDelayMs } from "../../../src/processor/webhook/retry_schedule.ts";

const MINUTE_MS = 60_000;

Deno.test("retryDelayMs doubles its maximum with each failure, up to a minute", () => {
  const waits = Array.from(
    { length: MAX_ATTEMPTS - 1 },
    (_, index) => retryDelayMs(index + 1, { retryAfterMs: 0, random: () => 1 }),
  );
  assertEquals(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, MINUTE_MS, MINUTE_MS]);
});

Deno.test("retryDelayMs is random between 0 and its maximum", () => {
  assertEquals(retryDelayMs(4, { retryAfterMs: 0, random: () => 0 }), 0);
  assertEquals(retryDelayMs(4, { retryAfterMs: 0, random: () => 0.25 }), 1_000);
});

Deno.test("retryDelayMs is at least Retry-After, up to ten minutes, plus the jitter", () => {
  const retryAfter = fc.oneof(fc.nat(), fc.constantFrom(Infinity, Number.MAX_VALUE));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), retryAfter, fc.double({ min: 0, max: 1, noNaN: true }), (
      failures,
      retryAfterMs,
      random,
    ) => {
      const waitMs = retryDelayMs(failures, { retryAfterMs, random: () => random });
      const min = Math.min(retryAfterMs, 10 * MINUTE_MS);
      assert(waitMs >= min && waitMs <= min + MINUTE_MS, `${waitMs}`);
    }),
  );
});
