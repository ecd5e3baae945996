/** select: one value from one of several channels, told apart by name. */

import { assertEquals, assertRejects } from "@std/assert";
import { Channel, ChannelClosedError } from "../../src/async/channel.ts";
import { select, type Selected } from "../../src/async/select.ts";

Deno.test("select takes from the channel named first of those that have a value, and from no other", async () => {
  const channels = { letters: new Channel<string>(2), numbers: new Channel<number>(2) };
  channels.numbers.trySend(1);
  channels.letters.trySend("a");
  assertEquals(await select(channels), { from: "letters", value: "a" });
  assertEquals(await select(channels), { from: "numbers", value: 1 });
  assertEquals([channels.letters.size, channels.numbers.size], [0, 0]);
});

Deno.test("select waits for the first value on any channel", async () => {
  const channels = { letters: new Channel<string>(1), numbers: new Channel<number>(1) };
  const selected = select(channels);
  channels.numbers.trySend(7);
  assertEquals(await selected, { from: "numbers", value: 7 });
});

Deno.test("select gives each of several waiting tasks a value of its own", async () => {
  const channels = { numbers: new Channel<number>(3) };
  const tasks = [select(channels), select(channels), select(channels)];
  for (const value of [1, 2, 3]) channels.numbers.trySend(value);
  assertEquals((await Promise.all(tasks)).map(({ value }) => value), [1, 2, 3]);
});

Deno.test("select rejects when all channels are closed and empty, not before", async () => {
  const channels = { letters: new Channel<string>(1), numbers: new Channel<number>(1) };
  channels.letters.close();
  channels.numbers.trySend(1);
  channels.numbers.close();
  assertEquals(await select(channels), { from: "numbers", value: 1 });
  await assertRejects(() => select(channels), ChannelClosedError);
});

Deno.test("select's result narrows by name, exhaustively", async () => {
  const channels = { letters: new Channel<string>(1), numbers: new Channel<number>(1) };
  function describe(selected: Selected<typeof channels>): string {
    switch (selected.from) {
      case "letters":
        return selected.value.toUpperCase();
      case "numbers":
        return selected.value.toFixed(1);
      default:
        return selected satisfies never;
    }
  }
  channels.letters.trySend("a");
  assertEquals(describe(await select(channels)), "A");
  channels.numbers.trySend(1);
  assertEquals(describe(await select(channels)), "1.0");
});
