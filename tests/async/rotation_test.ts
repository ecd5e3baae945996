/** Rotation: the order in which owners take turns. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Rotation } from "../../src/async/rotation.ts";

type Value = readonly [owner: string, number: number];

function takeAll(rotation: Rotation<Value>): Value[] {
  const drained: Value[] = [];
  for (let value = rotation.next(); value !== undefined; value = rotation.next()) drained.push(value);
  return drained;
}

Deno.test("Rotation gives each owner a turn before any owner has another one", () => {
  fc.assert(fc.property(fc.array(fc.constantFrom("a", "b", "c")), (owners) => {
    const rotation = new Rotation<Value>(), count = new Map<string, number>();
    for (const owner of owners) {
      const number = count.get(owner) ?? 0;
      rotation.add(owner, [owner, number]);
      count.set(owner, number + 1);
    }
    const drained = takeAll(rotation);
    assertEquals(drained.length, owners.length);
    const rounds = drained.map(([, number]) => number);
    assertEquals(rounds, rounds.toSorted((a, b) => a - b));
  }));
});

Deno.test("Rotation gives an owner that comes later its turn after one value of each other owner", () => {
  const rotation = new Rotation<Value>();
  for (const number of [0, 1, 2, 3]) rotation.add("a", ["a", number]);
  rotation.add("b", ["b", 0]);
  assertEquals(rotation.next(), ["a", 0]);
  rotation.add("c", ["c", 0]);
  assertEquals(takeAll(rotation), [["b", 0], ["a", 1], ["c", 0], ["a", 2], ["a", 3]]);
});

Deno.test("Rotation.drain removes and returns all values", () => {
  const rotation = new Rotation<Value>();
  for (const owner of ["a", "b", "a"]) rotation.add(owner, [owner, 0]);
  assertEquals(rotation.drain(), [["a", 0], ["a", 0], ["b", 0]]);
  assertEquals([rotation.next(), rotation.drain()], [undefined, []]);
});
