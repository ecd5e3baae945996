/** SmallSet: it is a set. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { SmallSet } from "../../src/reports/small_set.ts";

Deno.test("SmallSet holds what a Set holds, whatever is added, deleted and cleared", () => {
  const text = fc.constantFrom("a", "b", "c", "d");
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("add" as const, "delete" as const), text }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("clear" as const), text }) },
  );
  const first = fc.uniqueArray(text);
  fc.assert(fc.property(first, fc.array(step, { maxLength: 30 }), (first, steps) => {
    const small = new SmallSet(...first), set = new Set(first);
    for (const { do: how, text } of steps) {
      const had = set.has(text);
      if (how === "add" && !had) [small, set].forEach((one) => one.add(text)); // none is added twice
      if (how === "delete") assertEquals(small.delete(text), set.delete(text));
      if (how === "clear") [small, set].forEach((one) => one.clear());
      assertEquals([small.size, [...small].toSorted()], [set.size, [...set].toSorted()]);
    }
  }));
});
