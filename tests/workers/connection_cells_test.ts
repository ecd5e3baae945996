/** Tests of the slots that isolates share. */

import { assertEquals } from "@std/assert";
import { clearCell, createCells, SharedSlots } from "../../src/workers/connection_cells.ts";

function share(capacity: number) {
  const cells = createCells(),
    [first, second] = [0, 1].map((isolate) => new SharedSlots(capacity, { cells, isolate }));
  return { cells, first, second };
}

Deno.test("SharedSlots counts its own slots, and is full when all isolates together have taken as many as there are", () => {
  const { cells, first, second } = share(3);
  assertEquals([first?.take(), second?.take(), second?.isFull, second?.take()], [true, true, false, true]);
  assertEquals([first?.taken, second?.taken, first?.isFull, second?.isFull], [1, 2, true, true]);
  first?.release();
  assertEquals([first?.taken, first?.isFull, second?.isFull], [0, false, false]);
  clearCell(cells, 1);
  assertEquals([first?.take(), first?.take(), first?.take(), first?.take()], [true, true, true, false]);
});

Deno.test("SharedSlots gives the last slot to one of two isolates that have both seen it", () => {
  const { first, second } = share(1);
  assertEquals([first?.isFull, second?.isFull], [false, false]);
  assertEquals([first?.take(), second?.take()], [true, false]);
  assertEquals([first?.taken, second?.taken], [1, 0]);
});
