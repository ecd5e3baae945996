/** Timeline: numbers are given once, and only positions that were given out are known. */

import { assertEquals } from "@std/assert";
import { positionOf } from "../../../src/wire/position.ts";
import { Sequencer } from "../../../src/journal/index/sequencer.ts";

Deno.test("Timeline gives numbers in order, and its head is what it was told to have reached", () => {
  const timeline = new Sequencer("epoch000");
  assertEquals([timeline.give(), timeline.give(), timeline.head], [1, 2, 0]);
  timeline.reach(2);
  assertEquals([timeline.give(), timeline.head], [3, 2]);
});

Deno.test("Timeline knows the positions up to its head, and none of another epoch", () => {
  const timeline = new Sequencer("epoch000", { head: 5 });
  for (const sequence of [0, 1, 5]) {
    assertEquals(timeline.sequenceOf(timeline.positionOf(sequence)), sequence);
  }
  assertEquals(timeline.sequenceOf(timeline.positionOf(6)), undefined);
  assertEquals(timeline.sequenceOf(positionOf("epoch001", 3)), undefined);
});

Deno.test("Timeline knows no position in a gap, but those at both of its ends", () => {
  const timeline = new Sequencer("epoch000", { head: 5, start: 101, gaps: [{ after: 5, before: 100 }] });
  timeline.reach(timeline.give());
  const known = [4, 5, 6, 50, 99, 100, 101, 102].map((sequence) =>
    timeline.sequenceOf(timeline.positionOf(sequence))
  );
  assertEquals(known, [4, 5, undefined, undefined, undefined, 100, 101, undefined]);
});
