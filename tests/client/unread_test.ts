/** Unread: what a loop has not taken yet. */

import { assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { Unread } from "../../src/client/unread.ts";

Deno.test("Unread gives the newest in order, and says that it lost the oldest, once until one is taken", async () => {
  const steps = fc.array(fc.boolean(), { maxLength: 60 });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 5 }), steps, async (capacity, steps) => {
    const unread = new Unread<number>(capacity, () => {});
    let model: number[] = [], added = 0, isTold = false;
    for (const isAdd of steps) {
      if (isAdd) {
        assertEquals(unread.add(added), model.length < capacity || isTold);
        isTold ||= model.length === capacity;
        model = [...model, added++].slice(-capacity);
      } else if (model.length > 0) {
        assertEquals((await unread.next()).value, model.shift());
        isTold = false;
      }
    }
  }));
});

Deno.test("Unread gives to who waits, in the order of asking", async () => {
  const unread = new Unread<string>(1, () => {});
  const takers = [unread.next(), unread.next()];
  assertEquals([unread.add("a"), unread.add("b")], [true, true]);
  assertEquals((await Promise.all(takers)).map(({ value }) => value), ["a", "b"]);
});

Deno.test("Unread ends when what was there is taken, for whoever waits too", async () => {
  const unread = new Unread<string>(10, () => {});
  unread.add("a");
  unread.end();
  const taken: string[] = [];
  for await (const one of unread) taken.push(one);
  assertEquals(taken, ["a"]);
  const other = new Unread<string>(10, () => {});
  const waiting = [other.next(), other.next()];
  other.end();
  assertEquals((await Promise.all(waiting)).map(({ done }) => done), [true, true]);
});

Deno.test("Unread throws the error that ended it, once", async () => {
  const unread = new Unread<string>(10, () => {});
  unread.add("a");
  unread.end(new RangeError("no coming back"));
  assertEquals((await unread.next()).value, "a");
  await assertRejects(() => unread.next(), RangeError, "no coming back");
  assertEquals((await unread.next()).done, true);
});

Deno.test("Unread is left by `break`, and keeps nothing then", async () => {
  let left = 0;
  const unread = new Unread<string>(10, () => left++);
  unread.add("a");
  unread.add("b");
  for await (const _ of unread) break;
  assertEquals(left, 1);
  assertEquals((await unread.next()).done, true);
});
