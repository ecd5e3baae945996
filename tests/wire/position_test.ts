/** Positions are text that sorts in the order of the journal. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import * as fc from "fast-check";
import { isPosition, newEpoch, positionOf } from "../../src/wire/position.ts";

Deno.test("positionOf creates text that sorts like the sequence numbers, up to the largest safe integer", () => {
  const sequence = fc.maxSafeNat();
  fc.assert(fc.property(sequence, sequence, (a, b) => {
    const [first, second] = [positionOf("epoch000", a), positionOf("epoch000", b)];
    assertEquals(first < second, a < b);
    assert(isPosition(first));
  }));
});

Deno.test("isPosition rejects text that no journal can have created", () => {
  const invalid = [
    "",
    "1",
    "abcdefgh",
    "abcdefgh-",
    "abcdefgh-0000000000",
    "ABCDEFGH-00000000000",
    "abcdefgh-00000000000 ",
    "abcdefgh-00000000000-",
    "abcdefgh-00000000000-abcde",
    "abcdefgh-00000000000-abcdefg",
    "abcdefgh-00000000000-abcdef-abcdef",
  ];
  for (const text of invalid) assert(!isPosition(text), text);
});

Deno.test("isPosition accepts a position with a stamp", () => {
  assert(isPosition("abcdefgh-00000000000-a1b2c3"));
});

Deno.test("newEpoch creates different names of eight characters", () => {
  const epochs = Array.from({ length: 1_000 }, newEpoch);
  assertEquals(new Set(epochs).size, 1_000);
  for (const epoch of epochs) assertMatch(epoch, /^[0-9a-z]{8}$/);
});
