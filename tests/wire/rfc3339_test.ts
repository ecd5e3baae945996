/** toRfc3339 formats times for the wire. */

import { assertEquals, assertThrows } from "@std/assert";
import { toRfc3339 } from "../../src/wire/rfc3339.ts";

const TIMES: readonly [number, string][] = [
  [0, "1970-01-01T00:00:00.000Z"],
  [-1, "1969-12-31T23:59:59.999Z"],
  [951_782_400_000, "2000-02-29T00:00:00.000Z"],
  [1_804_000_000_007, "2027-03-02T15:06:40.007Z"],
];

for (const [ms, text] of TIMES) {
  Deno.test(`toRfc3339 formats ${ms} as ${text}`, () => {
    assertEquals(toRfc3339(ms), text);
  });
}

Deno.test("toRfc3339 formats the given time, whatever it has formatted before", () => {
  for (const [ms, text] of [...TIMES, ...TIMES.toReversed()]) assertEquals(toRfc3339(ms), text);
});

Deno.test("toRfc3339 formats alternating times", () => {
  assertEquals([toRfc3339(0), toRfc3339(1), toRfc3339(0)].map((text) => text.slice(-4)), [
    "000Z",
    "001Z",
    "000Z",
  ]);
});

Deno.test("toRfc3339 throws for NaN", () => {
  assertThrows(() => toRfc3339(NaN), RangeError);
});
