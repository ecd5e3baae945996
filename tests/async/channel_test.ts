/** Channel: order, capacity, waiting and closing; by example, and as properties over random programs. */

import { assert, assertEquals, assertLessOrEqual, assertRejects, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { Channel, ChannelClosedError } from "../../src/async/channel.ts";

/** Lets everything run that waits only for promises. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Whether a promise is settled yet. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const done = () => void (pending = false);
  promise.then(done, done);
  await settle();
  return pending;
}

for (const capacity of [0, -1, 1.5, NaN, Infinity]) {
  Deno.test(`Channel cannot have a capacity of ${capacity}`, () => {
    assertThrows(() => new Channel(capacity), RangeError);
  });
}

Deno.test("Channel hands on values in the order they were sent", async () => {
  const channel = new Channel<number>(3);
  for (const value of [1, 2, 3]) await channel.send(value);
  assertEquals([await channel.receive(), await channel.receive(), await channel.receive()], [1, 2, 3]);
});

Deno.test("Channel.trySend says false when it is full, and takes nothing", () => {
  const channel = new Channel<number>(1);
  assert(channel.trySend(1));
  assert(!channel.trySend(2));
  assertEquals(channel.drain(), [1]);
});

Deno.test("Channel.send waits while it is full, and keeps its place in the queue", async () => {
  const channel = new Channel<number>(1);
  await channel.send(1);
  const second = channel.send(2), third = channel.send(3);
  assert(await isPending(second));
  assertEquals(channel.drain(), [1]);
  await second;
  assert(!channel.trySend(4), "the value that waited has the room");
  assertEquals(channel.drain(), [2]);
  await third;
  assertEquals(channel.drain(), [3]);
});

Deno.test("Channel.receive waits for a value, and several receivers get one each", async () => {
  const channel = new Channel<string>(2);
  const first = channel.receive(), second = channel.receive();
  assert(await isPending(first));
  channel.trySend("a");
  channel.trySend("b");
  assertEquals([await first, await second], ["a", "b"]);
});

Deno.test("Channel.receive gives undefined too, if that was sent", async () => {
  const channel = new Channel<undefined>(1);
  await channel.send(undefined);
  assertEquals(await channel.receive(), undefined);
});

Deno.test("Channel.drain takes no more than it is asked for, and lets waiting senders move up", async () => {
  const channel = new Channel<number>(3);
  for (const value of [1, 2, 3]) channel.trySend(value);
  const waiting = [channel.send(4), channel.send(5), channel.send(6)];
  assertEquals(channel.drain(2), [1, 2]);
  assertEquals(channel.peek(), [3, 4, 5]);
  await Promise.all(waiting.slice(0, 2));
  assertEquals(channel.drain(), [3, 4, 5]);
  assertEquals(channel.drain(), [6]);
  assertEquals(channel.drain(), []);
});

Deno.test("Channel.close refuses senders that wait and later ones, and lets the queue be received", async () => {
  const channel = new Channel<number>(1);
  await channel.send(1);
  const waiting = assertRejects(() => channel.send(2), ChannelClosedError);
  channel.close();
  await waiting;
  await assertRejects(() => channel.send(3), ChannelClosedError);
  assert(!channel.trySend(3));
  assert(channel.closed);
  assertEquals(await channel.receive(), 1);
  await assertRejects(() => channel.receive(), ChannelClosedError);
});

Deno.test("Channel.close ends receivers and iterations that wait, and may be called twice", async () => {
  const channel = new Channel<number>(1);
  const receiver = assertRejects(() => channel.receive(), ChannelClosedError);
  const iteration = Array.fromAsync(channel);
  await settle();
  channel.close();
  channel.close();
  await receiver;
  assertEquals(await iteration, []);
});

Deno.test("Channel iterates until it is closed and empty, and an iteration that is left loses nothing", async () => {
  const channel = new Channel<number>(3);
  for (const value of [1, 2, 3]) channel.trySend(value);
  for await (const value of channel) if (value === 1) break;
  channel.close();
  assertEquals(await Array.fromAsync(channel), [2, 3]);
});

Deno.test("Channel.unwatch ends a watch, and a watcher may end its own while it is called", () => {
  const channel = new Channel<number>(3);
  const calls: string[] = [];
  function once(): void {
    calls.push("once");
    channel.unwatch(once);
  }
  const always = () => void calls.push("always");
  channel.watch(once);
  channel.watch(always);
  channel.trySend(1);
  channel.trySend(2);
  channel.unwatch(always);
  channel.close();
  assertEquals(calls, ["once", "always", "always"]);
});

Deno.test("Channel loses nothing, doubles nothing, keeps each sender's order and never exceeds its capacity", async () => {
  const program = fc.record({
    capacity: fc.integer({ min: 1, max: 4 }),
    senders: fc.array(fc.array(fc.boolean(), { maxLength: 20 }), { minLength: 1, maxLength: 4 }), // true: trySend
    receivers: fc.array(fc.constantFrom("receive", "drain", "drain 2", "iterate"), {
      minLength: 1,
      maxLength: 3,
    }),
    pauses: fc.infiniteStream(fc.nat({ max: 3 })),
  });
  await fc.assert(
    fc.asyncProperty(program, async ({ capacity, senders, receivers, pauses }) => {
      const channel = new Channel<{ sender: number; index: number }>(capacity);
      const accepted: string[] = [], received: { sender: number; index: number }[] = [];
      const pause = async () => {
        for (let turns = pauses.next().value ?? 0; turns > 0; turns--) await Promise.resolve();
      };
      const took = (values: readonly { sender: number; index: number }[]) => {
        assertLessOrEqual(values.length, capacity);
        received.push(...values);
      };

      async function send(sender: number, attempts: readonly boolean[]): Promise<void> {
        for (const [index, isTry] of attempts.entries()) {
          await pause();
          const isTaken = isTry
            ? channel.trySend({ sender, index })
            : await channel.send({ sender, index }).then(() => true);
          if (isTaken) accepted.push(`${sender}:${index}`);
          assertLessOrEqual(channel.size, capacity);
        }
      }
      async function receive(way: string): Promise<void> {
        try {
          if (way === "iterate") { for await (const value of channel) took([value]); }
          while (way === "receive") took([await channel.receive()]);
          while (way.startsWith("drain") && !(channel.closed && channel.size === 0)) {
            took(channel.drain(way === "drain" ? undefined : 2));
            await settle();
          }
        } catch (error) {
          assert(error instanceof ChannelClosedError);
        }
      }

      const receiving = Promise.all(receivers.map(receive));
      await Promise.all(senders.map((attempts, sender) => send(sender, attempts)));
      channel.close();
      await receiving;
      assertEquals(received.map(({ sender, index }) => `${sender}:${index}`).sort(), accepted.sort());
      for (const sender of senders.keys()) {
        const indices = received.filter((value) => value.sender === sender).map(({ index }) => index);
        if (receivers.length === 1) assertEquals(indices, indices.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 300 },
  );
});

/** What a channel is, without the waiting. */
interface Model {
  readonly capacity: number;
  values: number[];
  closed: boolean;
}

class TrySend implements fc.Command<Model, Channel<number>> {
  constructor(readonly value: number) {}
  check = () => true;
  run(model: Model, channel: Channel<number>): void {
    const hasRoom = !model.closed && model.values.length < model.capacity;
    assertEquals(channel.trySend(this.value), hasRoom);
    if (hasRoom) model.values.push(this.value);
  }
  toString = () => `trySend(${this.value})`;
}

class Drain implements fc.Command<Model, Channel<number>> {
  constructor(readonly max: number) {}
  check = () => true;
  run(model: Model, channel: Channel<number>): void {
    assertEquals(channel.drain(this.max), model.values.splice(0, this.max));
    assertEquals(channel.size, model.values.length);
  }
  toString = () => `drain(${this.max})`;
}

class Close implements fc.Command<Model, Channel<number>> {
  check = () => true;
  run(model: Model, channel: Channel<number>): void {
    channel.close();
    model.closed = true;
    assertEquals([channel.closed, channel.size], [true, model.values.length]);
  }
  toString = () => "close()";
}

Deno.test("Channel does what a plain array with a capacity does, whatever is called in whatever order", () => {
  const commands = [
    fc.nat().map((value) => new TrySend(value)),
    fc.integer({ min: 0, max: 5 }).map((max) => new Drain(max)),
    fc.constant(new Close()),
  ];
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.commands(commands, { maxCommands: 50 }),
      (capacity, program) => {
        const setup = () => ({
          model: { capacity, values: [], closed: false },
          real: new Channel<number>(capacity),
        });
        fc.modelRun(setup, program);
      },
    ),
  );
});
