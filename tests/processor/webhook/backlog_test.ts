/** Tests Backlog: its limit includes all values that are not settled. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import fc from "fast-check";
import { Backlog } from "../../../src/processor/webhook/backlog.ts";

interface Value {
  readonly target: string;
  readonly number: number;
}

function valueOf(number: number, target = "alexander"): Value {
  return { target, number };
}

/** A backlog that one target may fill. */
function createBacklog(capacity: number): Backlog<Value> {
  return new Backlog({ capacity, share: capacity });
}

/** Receives the next due value; `none`: the backlog has ended. */
async function next(values: AsyncIterator<Value>): Promise<number | "none"> {
  const { value, done } = await values.next();
  return done ? "none" : value.number;
}

Deno.test("Backlog yields each value to one of its iterators, and ends all of them after the last value is settled", async () => {
  const backlog = createBacklog(10);
  const seen: number[] = [];
  async function receive() {
    for await (const value of backlog) {
      await Promise.resolve();
      seen.push(value.number);
      backlog.settle(value);
    }
  }
  const receiving = Promise.all([receive(), receive(), receive()]);
  for (const number of [1, 2, 3, 4, 5]) backlog.add(valueOf(number));
  backlog.close();
  await receiving;
  assertEquals([seen, backlog.size], [[1, 2, 3, 4, 5], 0]);
});

Deno.test("Backlog keeps the room of a received value until it is settled", async () => {
  const backlog = createBacklog(1);
  const values = backlog[Symbol.asyncIterator]();
  assertEquals([backlog.add(valueOf(1)), backlog.add(valueOf(2)), backlog.size], [true, false, 1]);
  assertEquals([await next(values), backlog.add(valueOf(2)), backlog.size], [1, false, 1]);
  backlog.settle(valueOf(0));
  assertEquals([backlog.size, backlog.add(valueOf(2)), backlog.size], [0, true, 1]);
});

Deno.test("Backlog yields a postponed value when it is due and not before, even after close", async () => {
  using time = new FakeTime();
  const backlog = createBacklog(1);
  const values = backlog[Symbol.asyncIterator]();
  backlog.add(valueOf(1));
  assertEquals(await next(values), 1);
  backlog.postpone(valueOf(2), 1_000);
  backlog.close();
  let received: number | "none" | undefined;
  const receiving = next(values).then((value) => received = value);
  await time.tickAsync(999);
  assertEquals([received, backlog.add(valueOf(3))], [undefined, false]);
  await time.tickAsync(1);
  assertEquals(await receiving, 2);
  backlog.settle(valueOf(0));
  assertEquals(await next(values), "none");
});

Deno.test("Backlog ends at once when it is closed while empty, and then refuses values", async () => {
  const backlog = createBacklog(1);
  backlog.close();
  assertEquals([await next(backlog[Symbol.asyncIterator]()), backlog.add(valueOf(1))], ["none", false]);
});

Deno.test("Backlog.clear drops due and postponed values, but no received ones", async () => {
  const backlog = createBacklog(3);
  const values = backlog[Symbol.asyncIterator]();
  for (const number of [1, 2, 3]) backlog.add(valueOf(number));
  await next(values);
  await next(values);
  backlog.postpone(valueOf(2), 600_000);
  assertEquals([backlog.clear(), backlog.size, backlog.clear()], [2, 1, 0]);
  backlog.close();
  backlog.settle(valueOf(0));
  assertEquals(await next(values), "none");
});

Deno.test("Backlog holds no more values of a target than its share, whether they are due, received or postponed", async () => {
  using time = new FakeTime();
  const backlog = new Backlog<Value>({ capacity: 5, share: 2 });
  const values = backlog[Symbol.asyncIterator]();
  assertEquals([1, 2, 3].map((number) => backlog.add(valueOf(number))), [true, true, false]);
  assertEquals([backlog.hasRoomFor("alexander", 1), backlog.hasRoomFor("burr", 2)], [false, true]);
  assertEquals([await next(values), await next(values)], [1, 2]);
  backlog.postpone(valueOf(1), 1_000);
  assertEquals(backlog.add(valueOf(3)), false);
  assertEquals([backlog.add(valueOf(4, "burr")), backlog.hasRoomFor("jefferson", 3)], [true, false]);
  backlog.settle(valueOf(2));
  assertEquals([backlog.add(valueOf(3)), backlog.add(valueOf(5))], [true, false]);
  await time.tickAsync(1_000);
  assertEquals([await next(values), await next(values), await next(values)], [4, 3, 1]);
});

Deno.test("Backlog lets the targets take turns", async () => {
  const backlog = createBacklog(10), values = backlog[Symbol.asyncIterator]();
  for (const number of [1, 2, 3, 4]) backlog.add(valueOf(number, "burr"));
  backlog.add(valueOf(5));
  backlog.add(valueOf(6));
  const order = [];
  while (order.length < 6) order.push(await next(values));
  assertEquals(order, [1, 5, 2, 6, 3, 4]);
});

Deno.test("Backlog loses no value and never exceeds its capacity, in any order of calls", async () => {
  const step = fc.constantFrom("add", "receive", "settle", "postpone", "wait", "clear");
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step), async (capacity, steps) => {
      using time = new FakeTime(0);
      const backlog = createBacklog(capacity);
      const values = backlog[Symbol.asyncIterator]();
      const held: number[] = [], postponed: { value: number; at: number }[] = [];
      let due: number[] = [], added = 0;
      for (const step of steps) {
        const isFull = due.length + held.length + postponed.length === capacity;
        if (step === "add") {
          assertEquals(backlog.add(valueOf(added)), !isFull);
          if (!isFull) due.push(added++);
        } else if (step === "receive" && due.length > 0) {
          const value = await next(values);
          assertEquals(value, due.shift());
          held.push(Number(value));
        } else if (step === "settle" && held.pop() !== undefined) backlog.settle(valueOf(0));
        else if (step === "postpone") {
          for (const value of held.splice(0, 1)) {
            backlog.postpone(valueOf(value), 10);
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
