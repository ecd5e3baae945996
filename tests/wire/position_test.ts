/** Positions: text that sorts as the journal does. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import * as fc from "fast-check";
import { isPosition, newEpoch, positionOf } from "../../src/wire/position.ts";

Deno.test("positionOf makes text that sorts as the sequence numbers do, up to the largest safe integer", () => {
  const sequence = fc.maxSafeNat();
  fc.assert(fc.property(sequence, sequence, (a, b) => {
    const [first, second] = [positionOf("epoch000", a), positionOf("epoch000", b)];
    assertEquals(first < second, a < b);
    assert(isPosition(first));
  }));
});

Deno.test("isPosition refuses what no journal can have made", () => {
  const wrong = [
    "",
    "1",
    "abcdefgh",
    "abcdefgh-",
    "abcdefgh-0000000000",
    "ABCDEFGH-00000000000",
    "abcdefgh-00000000000 ",
  ];
  for (const text of wrong) assert(!isPosition(text), text);
});

Deno.test("newEpoch gives names of eight characters that differ", () => {
  const epochs = Array.from({ length: 1_000 }, newEpoch);
  assertEquals(new Set(epochs).size, 1_000);
  for (const epoch of epochs) assertMatch(epoch, /^[0-9a-z]{8}$/);
});
