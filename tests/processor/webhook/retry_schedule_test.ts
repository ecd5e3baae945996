/** Tests the retry schedule: exponential back-off with full jitter, and the `Retry-After` header. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  MAX_ATTEMPTS,
  parseRetryAfter,
  retryDelayMs,
} from "../../../src/processor/webhook/retry_schedule.ts";

const MINUTE_MS = 60_000;
const NOW = Date.parse("2026-01-01T00:00:00Z");

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

/** Each header with the milliseconds from `NOW` that it means. */
const HEADERS: readonly [string | null, number][] = [
  [null, 0],
  ["", 0],
  ["0", 0],
  ["120", 120_000],
  ["99999999999999999999", 99_999_999_999_999_999_999_000],
  ["9".repeat(400), Infinity],
  ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
  ["Thursday, 01-Jan-26 00:00:30 GMT", 30_000],
  ["Wed, 31 Dec 2025 23:59:59 GMT", 0],
  ["-5", 0],
  ["1.5", 0],
  ["1e3", 0],
  ["0x10", 0],
  ["5 seconds", 0],
  ["soon", 0],
  ["soon GMT", 0],
  ["2026-01-01T00:00:30Z", 0],
];

for (const [header, ms] of HEADERS) {
  Deno.test(`parseRetryAfter reads ${header?.slice(0, 40)} as ${ms} milliseconds`, () => {
    assertEquals(parseRetryAfter(header, NOW), ms);
  });
}

Deno.test("parseRetryAfter returns a number of at least 0 for any text", () => {
  const text = fc.oneof(fc.string(), fc.string().map((text) => `${text} GMT`), fc.date().map(String));
  fc.assert(fc.property(text, (header) => assert(parseRetryAfter(header, NOW) >= 0)));
});
