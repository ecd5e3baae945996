/** Tests order, capacity, waiting and closing of channels by example. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Channel, ChannelClosedError } from "../../src/async/channel.ts";
import { nextTurn } from "../../src/async/next_turn.ts";

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const done = () => void (pending = false);
  promise.then(done, done);
  await nextTurn();
  return pending;
}

for (const capacity of [0, -1, 1.5, NaN, Infinity]) {
  Deno.test(`Channel cannot have a capacity of ${capacity}`, () => {
    assertThrows(() => new Channel(capacity), RangeError);
  });
}

Deno.test("Channel returns values in the order in which they were sent", async () => {
  const channel = new Channel<number>(3);
  for (const value of [1, 2, 3]) await channel.send(value);
  assertEquals([channel.drain(1), channel.drain(1), channel.drain(1)], [[1], [2], [3]]);
});

Deno.test("Channel.trySend returns false and takes nothing if the channel is full", () => {
  const channel = new Channel<number>(1);
  assert(channel.trySend(1));
  assert(!channel.trySend(2));
  assertEquals(channel.drain(), [1]);
});

Deno.test("Channel.send waits while the channel is full, and keeps its place in the queue", async () => {
  const channel = new Channel<number>(1);
  await channel.send(1);
  const second = channel.send(2), third = channel.send(3);
  assert(await isPending(second));
  assertEquals(channel.drain(), [1]);
  await second;
  assert(!channel.trySend(4), "the waiting value took the room");
  assertEquals(channel.drain(), [2]);
  await third;
  assertEquals(channel.drain(), [3]);
});

Deno.test("Channel's iterations wait for a value, and each of several iterations receives one", async () => {
  const channel = new Channel<string>(2);
  const first = channel[Symbol.asyncIterator]().next(), second = channel[Symbol.asyncIterator]().next();
  assert(await isPending(first));
  channel.trySend("a");
  channel.trySend("b");
  assertEquals([(await first).value, (await second).value], ["a", "b"]);
});

Deno.test("Channel's iterations receive undefined if it was sent", async () => {
  const channel = new Channel<undefined>(1);
  await channel.send(undefined);
  channel.close();
  assertEquals(await Array.fromAsync(channel), [undefined]);
});

Deno.test("Channel.drain takes at most as many values as it is asked for, and then waiting senders move up", async () => {
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

Deno.test("Channel.close rejects waiting and later senders, and what is queued can still be received", async () => {
  const channel = new Channel<number>(1);
  await channel.send(1);
  const waiting = assertRejects(() => channel.send(2), ChannelClosedError);
  channel.close();
  await waiting;
  await assertRejects(() => channel.send(3), ChannelClosedError);
  assert(!channel.trySend(3));
  assert(channel.closed);
  assertEquals(await Array.fromAsync(channel), [1]);
  assertEquals(await Array.fromAsync(channel), []);
});

Deno.test("Channel.close ends waiting iterations, and may be called twice", async () => {
  const channel = new Channel<number>(1);
  const iterations = [Array.fromAsync(channel), Array.fromAsync(channel)];
  await nextTurn();
  channel.close();
  channel.close();
  assertEquals(await Promise.all(iterations), [[], []]);
});

Deno.test("Channel iterates until it is closed and empty, and a break loses nothing", async () => {
  const channel = new Channel<number>(3);
  for (const value of [1, 2, 3]) channel.trySend(value);
  for await (const value of channel) if (value === 1) break;
  channel.close();
  assertEquals(await Array.fromAsync(channel), [2, 3]);
});

Deno.test("Channel.unwatch removes a watcher, and a watcher may remove itself while it is called", () => {
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
