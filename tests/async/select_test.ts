/** Tests that `select` receives one value from one of several channels, with the name of the channel. */

import { assertEquals, assertRejects } from "@std/assert";
import { Channel, ChannelClosedError } from "../../src/async/channel.ts";
import { select, type Selected } from "../../src/async/select.ts";

Deno.test("select takes a value from the first-named channel that has one, and from no other", async () => {
  const channels = { letters: new Channel<string>(2), numbers: new Channel<number>(2) };
  channels.numbers.trySend(1);
  channels.letters.trySend("a");
  assertEquals(await select(channels), { from: "letters", value: "a" });
  assertEquals(await select(channels), { from: "numbers", value: 1 });
  assertEquals([channels.letters.size, channels.numbers.size], [0, 0]);
});

Deno.test("select waits until any channel has a value", async () => {
  const channels = { letters: new Channel<string>(1), numbers: new Channel<number>(1) };
  const selected = select(channels);
  channels.numbers.trySend(7);
  assertEquals(await selected, { from: "numbers", value: 7 });
});

Deno.test("select returns a different value to each of several waiting tasks", async () => {
  const channels = { numbers: new Channel<number>(3) };
  const tasks = [select(channels), select(channels), select(channels)];
  for (const value of [1, 2, 3]) channels.numbers.trySend(value);
  assertEquals((await Promise.all(tasks)).map(({ value }) => value), [1, 2, 3]);
});

Deno.test("select rejects only when all channels are closed and empty", async () => {
  const channels = { letters: new Channel<string>(1), numbers: new Channel<number>(1) };
  channels.letters.close();
  channels.numbers.trySend(1);
  channels.numbers.close();
  assertEquals(await select(channels), { from: "numbers", value: 1 });
  await assertRejects(() => select(channels), ChannelClosedError);
});

Deno.test("select returns a union that an exhaustive switch narrows by name", async () => {
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
