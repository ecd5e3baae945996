/** HealthCell: what the owner of the journal sets, every isolate reads at once. */

import { assertEquals } from "@std/assert";
import { HealthCell } from "../../src/workers/health_cell.ts";

Deno.test("HealthCell says what was set last, to whoever shares its memory", () => {
  const owner = new HealthCell(), worker = new HealthCell(owner.memory);
  const read = () => [worker.isReachable, worker.isWritable];
  assertEquals(read(), [true, true]);
  for (const [isReachable, isWritable] of [[true, false], [false, false], [true, true]] as const) {
    owner.set({ isReachable, isWritable });
    assertEquals(read(), [isReachable, isWritable]);
  }
});
