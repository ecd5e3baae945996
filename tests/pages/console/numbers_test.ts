/** Tests of numbers and durations as text. */

import { assertEquals } from "@std/assert";
import { bytes, exactNumber, percent, shortNumber, since } from "../../../src/pages/console/numbers.js";

Deno.test("shortNumber keeps at most three significant digits", () => {
  const numbers = [0, 0.857142, 17, 999, 1_000, 47_812, 1_250_000];
  assertEquals(numbers.map(shortNumber), ["0", "0.857", "17", "999", "1K", "47.8K", "1.25M"]);
});

Deno.test("exactNumber keeps every digit", () => {
  assertEquals([0, 999, 47_812, 1_908_017].map(exactNumber), ["0", "999", "47,812", "1,908,017"]);
});

Deno.test("bytes uses the largest unit that the value fills", () => {
  assertEquals([0, 1, 1_023, 1_024, 180 * 2 ** 20, 2 ** 33].map(bytes), [
    "0 B",
    "1 B",
    "1,023 B",
    "1 KB",
    "180 MB",
    "8 GB",
  ]);
});

Deno.test("percent and since format ratios and durations for people", () => {
  assertEquals(percent({ taken: 1, capacity: 3 }), "33.3 %");
  const ago = [-5, 5, 119, 120, 7_200, 200_000].map((seconds) => since(0, 1_000 * seconds));
  assertEquals(ago, ["0 s", "5 s", "119 s", "2 min", "2 h", "2 d"]);
});
