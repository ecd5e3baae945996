/** LoopQueue: the notifications that wait for one loop. */

import { assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { LoopQueue } from "../../src/client/loop_queue.ts";

const UNOBSERVED = () => {};

Deno.test("LoopQueue keeps the newest values in order, and reports a loss once until a value is taken", async () => {
  const steps = fc.array(fc.boolean(), { maxLength: 60 });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 5 }), steps, async (capacity, steps) => {
    const queue = new LoopQueue<number>(capacity, UNOBSERVED);
    let model: number[] = [], added = 0, isReported = false;
    for (const isAdd of steps) {
      if (isAdd) {
        assertEquals(queue.push(added), model.length < capacity || isReported);
        isReported ||= model.length === capacity;
        model = [...model, added++].slice(-capacity);
      } else if (model.length > 0) {
        assertEquals((await queue.next()).value, model.shift());
        isReported = false;
      }
    }
  }));
});

Deno.test("LoopQueue serves waiting takers in the order of their calls", async () => {
  const queue = new LoopQueue<string>(1, UNOBSERVED);
  const takers = [queue.next(), queue.next()];
  assertEquals([queue.push("a"), queue.push("b")], [true, true]);
  assertEquals((await Promise.all(takers)).map(({ value }) => value), ["a", "b"]);
});

Deno.test("LoopQueue ends after the values that are queued, and ends waiting takers", async () => {
  const queue = new LoopQueue<string>(10, UNOBSERVED);
  queue.push("a");
  queue.end();
  const taken: string[] = [];
  for await (const one of queue) taken.push(one);
  assertEquals(taken, ["a"]);
  const other = new LoopQueue<string>(10, UNOBSERVED);
  const waiting = [other.next(), other.next()];
  other.end();
  assertEquals((await Promise.all(waiting)).map(({ done }) => done), [true, true]);
});

Deno.test("LoopQueue throws the error that ended it, once", async () => {
  const queue = new LoopQueue<string>(10, UNOBSERVED);
  queue.push("a");
  queue.end(new RangeError("the end"));
  assertEquals((await queue.next()).value, "a");
  await assertRejects(() => queue.next(), RangeError, "the end");
  assertEquals((await queue.next()).done, true);
});

Deno.test("LoopQueue gives nothing more after `break`, and knows what was left", async () => {
  const queue = new LoopQueue<string>(10, UNOBSERVED);
  queue.push("a");
  queue.push("b");
  for await (const _ of queue) break;
  assertEquals([queue.isLeft, queue.taken, queue.waiting], [true, "a", ["b"]]);
  assertEquals((await queue.next()).done, true);
});

Deno.test("LoopQueue knows what the loop has taken, and when it has taken everything", async () => {
  let idle = 0;
  const queue = new LoopQueue<string>(10, () => idle++);
  const first = queue.next();
  assertEquals([queue.taken, idle], [undefined, 1]);
  for (const value of ["a", "b", "c"]) queue.push(value);
  assertEquals([(await first).value, queue.taken, queue.waiting], ["a", "a", ["b", "c"]]);
  await queue.next();
  await queue.next();
  assertEquals([queue.taken, queue.waiting, idle], ["c", [], 1]);
  const last = queue.next();
  assertEquals(idle, 2);
  queue.end();
  assertEquals((await last).done, true);
});
