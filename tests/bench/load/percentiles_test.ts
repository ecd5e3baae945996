/** Tests of percentiles and the median. */

import { assertEquals } from "@std/assert";
import { median, percentiles } from "./percentiles.ts";

Deno.test("percentiles returns values of the sample, whatever its order", () => {
  const sample = Array.from({ length: 1_001 }, (_, n) => (n * 8) % 1_001);
  assertEquals(percentiles(sample, [0, 50, 99, 99.9, 100]), [0, 500, 990, 999, 1_000]);
});

Deno.test("percentiles returns nothing for an empty sample, and the value of a sample of one", () => {
  assertEquals(percentiles([], [50, 99]), []);
  assertEquals(percentiles([3], [0, 50, 100]), [3, 3, 3]);
});

Deno.test("median returns the middle value, or the mean of the two in the middle", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([9, 1, 5, 6]), 5.5);
});
