/** Fifo: it gives out each value once, in order, whatever is added and taken in between. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Fifo } from "../../src/async/fifo.ts";

Deno.test("Fifo gives out each value once, in order, however many are added and taken in between", () => {
  const steps = fc.array(fc.record({ added: fc.nat(3_000), taken: fc.nat(3_000) }), { maxLength: 8 });
  fc.assert(fc.property(steps, (steps) => {
    const fifo = new Fifo<number>(), expected: number[] = [];
    let count = 0;
    for (const { added, taken } of steps) {
      for (let left = added; left > 0; left--) {
        fifo.add(count);
        expected.push(count++);
      }
      const given = Array.from({ length: taken }, () => fifo.take()).filter((value) => value !== undefined);
      assertEquals(given, expected.splice(0, taken));
      assertEquals(fifo.size, expected.length);
    }
  }));
});
