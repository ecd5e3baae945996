/** Sequencer issues each number once, and knows only the positions that it has issued. */

import { assertEquals } from "@std/assert";
import { positionOf } from "../../../src/wire/position.ts";
import { Sequencer } from "../../../src/journal/index/sequencer.ts";

Deno.test("Sequencer issues numbers in order, and its head is where it was advanced to", () => {
  const sequencer = new Sequencer("epoch000");
  assertEquals([sequencer.next(), sequencer.next(), sequencer.head], [1, 2, 0]);
  sequencer.advanceTo(2);
  assertEquals([sequencer.next(), sequencer.head], [3, 2]);
});

Deno.test("Sequencer knows the positions up to its head, and none of another epoch", () => {
  const sequencer = new Sequencer("epoch000", { head: 5 });
  for (const sequence of [0, 1, 5]) {
    assertEquals(sequencer.sequenceOf(sequencer.positionOf(sequence)), sequence);
  }
  assertEquals(sequencer.sequenceOf(sequencer.positionOf(6)), undefined);
  assertEquals(sequencer.sequenceOf(positionOf("epoch001", 3)), undefined);
});

Deno.test("Sequencer knows no position inside a gap, but those at both ends", () => {
  const sequencer = new Sequencer("epoch000", { head: 5, start: 101, gaps: [{ after: 5, before: 100 }] });
  sequencer.advanceTo(sequencer.next());
  const known = [4, 5, 6, 50, 99, 100, 101, 102].map((sequence) =>
    sequencer.sequenceOf(sequencer.positionOf(sequence))
  );
  assertEquals(known, [4, 5, undefined, undefined, undefined, 100, 101, undefined]);
});
