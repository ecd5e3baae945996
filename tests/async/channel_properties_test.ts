/** Tests channels with random programs. */

import { assertEquals, assertLessOrEqual } from "@std/assert";
import * as fc from "fast-check";
import { Channel } from "../../src/async/channel.ts";
import { nextTurn } from "../../src/async/next_turn.ts";

Deno.test("Channel loses and duplicates nothing, keeps each sender's order and never exceeds its capacity", async () => {
  const program = fc.record({
    capacity: fc.integer({ min: 1, max: 4 }),
    senders: fc.array(fc.array(fc.boolean(), { maxLength: 20 }), { minLength: 1, maxLength: 4 }), // true: trySend
    receivers: fc.array(fc.constantFrom("drain", "drain 2", "iterate"), {
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
        if (way === "iterate") { for await (const value of channel) took([value]); }
        while (way.startsWith("drain") && !(channel.closed && channel.size === 0)) {
          took(channel.drain(way === "drain" ? undefined : 2));
          await nextTurn();
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

/** A model of a channel without waiting. */
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

Deno.test("Channel behaves like an array with a capacity, whichever methods are called in whichever order", () => {
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
