/** Benchmarks of channels beside their alternatives. */

import { Channel } from "../../src/async/channel.ts";
import { ready } from "../../src/async/ready.ts";
import { select } from "../../src/async/select.ts";

const COUNT = 1_000;
const values = Array.from({ length: COUNT }, (_, value) => value);

Deno.bench("a plain array: push 1,000, take all", { group: "in batches", baseline: true }, () => {
  const array: number[] = [];
  for (const value of values) array.push(value);
  array.splice(0);
});

Deno.bench("a channel: trySend 1,000, drain", { group: "in batches" }, () => {
  const channel = new Channel<number>(COUNT);
  for (const value of values) channel.trySend(value);
  channel.drain();
});

Deno.bench("a TransformStream: 1,000 values", { group: "one by one", baseline: true }, async () => {
  const { readable, writable } = new TransformStream<number, number>();
  const [writer, reader] = [writable.getWriter(), readable.getReader()];
  for (const value of values) {
    const writing = writer.write(value);
    await reader.read();
    await writing;
  }
});

Deno.bench("a channel: 1,000 values", { group: "one by one" }, async () => {
  const channel = new Channel<number>(1);
  const received = channel[Symbol.asyncIterator]();
  for (const value of values) {
    await channel.send(value);
    await received.next();
  }
});

Deno.bench(
  "iterate over one channel, 1,000 values",
  { group: "several channels", baseline: true },
  async () => {
    const channel = new Channel<number>(1);
    const received = channel[Symbol.asyncIterator]();
    for (const value of values) {
      channel.trySend(value);
      await received.next();
    }
  },
);

Deno.bench("select from three channels, 1,000 times", { group: "several channels" }, async () => {
  const channels = { a: new Channel<number>(1), b: new Channel<number>(1), c: new Channel<number>(1) };
  for (const value of values) {
    channels.b.trySend(value);
    await select(channels);
  }
});

Deno.bench("ready on five channels, then drain, 1,000 times", { group: "several channels" }, async () => {
  const channels = Array.from({ length: 5 }, () => new Channel<number>(1));
  for (const value of values) {
    const waiting = ready(channels);
    channels[2]?.trySend(value);
    await waiting;
    for (const channel of channels) channel.drain();
  }
});
