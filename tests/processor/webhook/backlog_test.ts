/** Tests Backlog: its limit includes all values that are not settled. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import fc from "fast-check";
import { Backlog } from "../../../src/processor/webhook/backlog.ts";

/** Receives the next due value; `none`: the backlog has ended. */
async function next(values: AsyncIterator<number>): Promise<number | "none"> {
  const { value, done } = await values.next();
  return done ? "none" : value;
}

Deno.test("Backlog yields each value to one of its iterators, and ends all of them after the last value is settled", async () => {
  const backlog = new Backlog<number>(10);
  const seen: number[] = [];
  async function receive() {
    for await (const value of backlog) {
      await Promise.resolve();
      seen.push(value);
      backlog.settle();
    }
  }
  const receiving = Promise.all([receive(), receive(), receive()]);
  for (const value of [1, 2, 3, 4, 5]) backlog.add(value);
  backlog.close();
  await receiving;
  assertEquals([seen, backlog.size], [[1, 2, 3, 4, 5], 0]);
});

Deno.test("Backlog keeps the room of a received value until it is settled", async () => {
  const backlog = new Backlog<number>(1);
  const values = backlog[Symbol.asyncIterator]();
  assertEquals([backlog.add(1), backlog.add(2), backlog.size], [true, false, 1]);
  assertEquals([await next(values), backlog.add(2), backlog.size], [1, false, 1]);
  backlog.settle();
  assertEquals([backlog.size, backlog.add(2), backlog.size], [0, true, 1]);
});

Deno.test("Backlog yields a postponed value when it is due and not before, even after close", async () => {
  using time = new FakeTime();
  const backlog = new Backlog<number>(1);
  const values = backlog[Symbol.asyncIterator]();
  backlog.add(1);
  assertEquals(await next(values), 1);
  backlog.postpone(2, 1_000);
  backlog.close();
  let received: number | "none" | undefined;
  const receiving = next(values).then((value) => received = value);
  await time.tickAsync(999);
  assertEquals([received, backlog.add(3)], [undefined, false]);
  await time.tickAsync(1);
  assertEquals(await receiving, 2);
  backlog.settle();
  assertEquals(await next(values), "none");
});

Deno.test("Backlog ends at once when it is closed while empty, and then refuses values", async () => {
  const backlog = new Backlog<number>(1);
  backlog.close();
  assertEquals([await next(backlog[Symbol.asyncIterator]()), backlog.add(1)], ["none", false]);
});

Deno.test("Backlog.clear drops due and postponed values, but no received ones", async () => {
  const backlog = new Backlog<number>(3);
  const values = backlog[Symbol.asyncIterator]();
  for (const value of [1, 2, 3]) backlog.add(value);
  await next(values);
  await next(values);
  backlog.postpone(2, 600_000);
  assertEquals([backlog.clear(), backlog.size, backlog.clear()], [2, 1, 0]);
  backlog.close();
  backlog.settle();
  assertEquals(await next(values), "none");
});

Deno.test("Backlog loses no value and never exceeds its capacity, in any order of calls", async () => {
  const step = fc.constantFrom("add", "receive", "settle", "postpone", "wait", "clear");
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step), async (capacity, steps) => {
      using time = new FakeTime(0);
      const backlog = new Backlog<number>(capacity);
      const values = backlog[Symbol.asyncIterator]();
      const held: number[] = [], postponed: { value: number; at: number }[] = [];
      let due: number[] = [], added = 0;
      for (const step of steps) {
        const isFull = due.length + held.length + postponed.length === capacity;
        if (step === "add") {
          assertEquals(backlog.add(added), !isFull);
          if (!isFull) due.push(added++);
        } else if (step === "receive" && due.length > 0) {
          const value = await next(values);
          assertEquals(value, due.shift());
          held.push(Number(value));
        } else if (step === "settle" && held.pop() !== undefined) backlog.settle();
        else if (step === "postpone") {
          for (const value of held.splice(0, 1)) {
            backlog.postpone(value, 10);
            postponed.push({ value, at: time.now + 10 });
          }
        } else if (step === "wait") {
          await time.tickAsync(5);
          while ((postponed[0]?.at ?? Infinity) <= time.now) {
            due = due.concat(postponed.splice(0, 1).map(({ value }) => value));
          }
        } else if (step === "clear") {
          assertEquals(backlog.clear(), due.length + postponed.splice(0).length);
          due = [];
        }
        assertEquals(backlog.size, due.length + held.length + postponed.length);
        assert(backlog.size <= capacity);
      }
      backlog.clear();
    }),
  );
});
