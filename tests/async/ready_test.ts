/** Tests that `ready` waits for any of several channels, takes nothing, and leaves no watcher behind. */

import { assert, assertEquals } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { ready } from "../../src/async/ready.ts";

/** A channel that counts its watchers. */
class CountingChannel extends Channel<number> {
  watchers = 0;
  override watch(callback: () => void): void {
    this.watchers++;
    super.watch(callback);
  }
  override unwatch(callback: () => void): void {
    this.watchers--;
    super.unwatch(callback);
  }
}

Deno.test("ready resolves with true at once if a channel has a value, and does not take the value", async () => {
  const [empty, full] = [new Channel<number>(1), new Channel<string>(1)];
  full.trySend("value");
  assert(await ready([empty, full]));
  assertEquals(full.size, 1);
});

Deno.test("ready waits until any channel has a value, and then stops watching all of them", async () => {
  const channels = [new CountingChannel(1), new CountingChannel(1), new CountingChannel(1)] as const;
  const waiting = ready(channels);
  assertEquals(channels.map(({ watchers }) => watchers), [1, 1, 1]);
  channels[1].trySend(1);
  assert(await waiting);
  assertEquals(channels.map(({ watchers }) => watchers), [0, 0, 0]);
});

Deno.test("ready keeps waiting when one of several channels closes, and resolves with false when the last one does", async () => {
  const [first, second] = [new Channel<number>(1), new Channel<number>(1)];
  let result: boolean | undefined;
  const waiting = ready([first, second]).then((value) => result = value);
  first.close();
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(result, undefined);
  second.close();
  assertEquals(await waiting, false);
});

Deno.test("ready resolves with true for a closed channel that still has values, and with false once it is empty", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  channel.close();
  assert(await ready([channel]));
  channel.drain();
  assert(!await ready([channel]));
});

Deno.test("ready waits again if another task has taken the value", async () => {
  const channel = new Channel<number>(1);
  const waiting = ready([channel]);
  channel.trySend(1);
  channel.drain();
  channel.close();
  assertEquals(await waiting, false);
});
