/** rfc3339: times as the wire has them. */

import { assertEquals, assertThrows } from "@std/assert";
import { rfc3339 } from "../../src/wire/rfc3339.ts";

const TIMES: readonly [number, string][] = [
  [0, "1970-01-01T00:00:00.000Z"],
  [-1, "1969-12-31T23:59:59.999Z"],
  [951_782_400_000, "2000-02-29T00:00:00.000Z"],
  [1_804_000_000_007, "2027-03-02T15:06:40.007Z"],
];

for (const [ms, text] of TIMES) {
  Deno.test(`rfc3339 writes ${ms} as ${text}`, () => {
    assertEquals(rfc3339()(ms), text);
  });
}

Deno.test("rfc3339 answers for the time it is asked, whatever it was asked before", () => {
  const format = rfc3339();
  for (const [ms, text] of [...TIMES, ...TIMES.toReversed()]) assertEquals(format(ms), text);
});

Deno.test("rfc3339 makes functions that know nothing of each other", () => {
  const [one, other] = [rfc3339(), rfc3339()];
  assertEquals([one(0), other(1), one(0)].map((text) => text.slice(-4)), ["000Z", "001Z", "000Z"]);
});

Deno.test("rfc3339 throws for what is no time", () => {
  assertThrows(() => rfc3339()(NaN), RangeError);
});
