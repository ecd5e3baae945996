/** Tests parseRetryAfter: seconds, dates, and everything else. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseRetryAfter } from "../../src/wire/retry_after.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

/** Each header with the milliseconds from `NOW` that it means. Null: it is invalid, or there is none. */
const HEADERS: readonly [string | null, number | null][] = [
  [null, null],
  ["", null],
  ["0", 0],
  ["120", 120_000],
  ["99999999999999999999", 99_999_999_999_999_999_999_000],
  ["9".repeat(400), Infinity],
  ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
  ["Thursday, 01-Jan-26 00:00:30 GMT", 30_000],
  ["Wed, 31 Dec 2025 23:59:59 GMT", 0],
  ["-5", null],
  ["1.5", null],
  ["1e3", null],
  ["0x10", null],
  ["5 seconds", null],
  ["soon", null],
  ["soon GMT", null],
  ["2026-01-01T00:00:30Z", null],
];

for (const [header, ms] of HEADERS) {
  Deno.test(`parseRetryAfter reads ${header?.slice(0, 40)} as ${ms} milliseconds`, () => {
    assertEquals(parseRetryAfter(header, NOW), ms);
  });
}

Deno.test("parseRetryAfter returns null or a number of at least 0 for any text", () => {
  const text = fc.oneof(fc.string(), fc.string().map((text) => `${text} GMT`), fc.date().map(String));
  fc.assert(fc.property(text, (header) => assert((parseRetryAfter(header, NOW) ?? 0) >= 0)));
});
