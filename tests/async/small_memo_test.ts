/** Tests which entries a small memo remembers. */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { SmallMemo } from "../../src/async/small_memo.ts";

Deno.test("SmallMemo finds the last four entries that were added, and no older ones", () => {
  const memo = new SmallMemo<{ n: number }>();
  for (let n = 1; n <= 10; n++) {
    const entry = { n };
    assertStrictEquals(memo.add(entry), entry);
    const found = Array.from({ length: n }, (_, index) => memo.find((entry) => entry.n === index + 1)?.n);
    assertEquals(found, Array.from({ length: n }, (_, index) => index < n - 4 ? undefined : index + 1));
  }
});
