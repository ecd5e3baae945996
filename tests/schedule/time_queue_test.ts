/** TimeQueue returns the earliest item, whatever was added and removed before. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { TimeQueue } from "../../src/schedule/time_queue.ts";

Deno.test("TimeQueue has the earliest item first, whatever was added and removed", () => {
  const steps = fc.array(fc.oneof(fc.record({ at: fc.nat(20) }), fc.record({ remove: fc.nat(100) })));
  fc.assert(fc.property(steps, (steps) => {
    const queue = new TimeQueue(), items: { at: number; place: number }[] = [];
    for (const step of steps) {
      if ("at" in step) {
        const item = { at: step.at, place: -1 };
        queue.add(item);
        items.push(item);
      } else if (items.length > 0) {
        const [removed] = items.splice(step.remove % items.length, 1);
        if (removed !== undefined) {
          queue.remove(removed);
          queue.remove(removed); // it is in no queue any more
        }
      }
      assertEquals([queue.first?.at, queue.size], [
        items.map(({ at }) => at).toSorted((a, b) => a - b)[0],
        items.length,
      ]);
    }
  }));
});

Deno.test("TimeQueue returns all items in order", () => {
  fc.assert(fc.property(fc.array(fc.integer()), (times) => {
    const queue = new TimeQueue();
    for (const at of times) queue.add({ at, place: -1 });
    const sorted: number[] = [];
    for (let { first } = queue; first !== undefined; { first } = queue) {
      sorted.push(first.at);
      queue.remove(first);
    }
    assertEquals(sorted, times.toSorted((a, b) => a - b));
  }));
});
