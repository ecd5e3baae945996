/** Waits until one of several channels has a value, and takes nothing from them. */
import type { Channel } from "./channel.ts";

/**
 * Resolves with true when one of the channels has a value, and with false when all are closed and empty.
 *
 * ```ts
 * import { Channel } from "./channel.ts";
 * import { assertEquals } from "@std/assert";
 * const letters = new Channel<string>(1), numbers = new Channel<number>(1);
 * numbers.trySend(1804);
 * assertEquals(await ready([letters, numbers]), true);
 * assertEquals([letters.drain(), numbers.drain()], [[], [1804]]);
 * ```
 */
export async function ready(channels: readonly Channel<unknown>[]): Promise<boolean> {
  while (!channels.some((channel) => channel.size > 0)) {
    if (channels.every((channel) => channel.closed)) return false;
    const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
    for (const channel of channels) channel.watch(wake);
    await woken;
    for (const channel of channels) channel.unwatch(wake);
  }
  return true;
}
