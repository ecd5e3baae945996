/** LatestFew: what was added last is found, and what is older is let go of. */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { SmallMemo } from "../../src/async/small_memo.ts";

Deno.test("LatestFew finds the last four that were added, and none before", () => {
  const latest = new SmallMemo<{ n: number }>();
  for (let n = 1; n <= 10; n++) {
    const one = { n };
    assertStrictEquals(latest.add(one), one);
    const found = Array.from({ length: n }, (_, index) => latest.find((one) => one.n === index + 1)?.n);
    assertEquals(found, Array.from({ length: n }, (_, index) => index < n - 4 ? undefined : index + 1));
  }
});
