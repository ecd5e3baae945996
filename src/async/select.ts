/** Receives one value from whichever of several channels has one first. */
import { type Channel, ChannelClosedError } from "./channel.ts";
import { ready } from "./ready.ts";

/** A value and the name of its channel: a union that a `switch` on `from` narrows. */
export type Selected<C> = {
  [Name in keyof C]: { from: Name; value: C[Name] extends Channel<infer T> ? T : never };
}[keyof C];

/**
 * Takes one value, and waits until a channel has one. If several channels have values, the one named first is
 * served, and nothing is taken from the others. Rejects with {@linkcode ChannelClosedError} when all channels are
 * closed and empty.
 *
 * ```ts
 * import { Channel } from "./channel.ts";
 * const letters = new Channel<string>(1), numbers = new Channel<number>(1);
 * await numbers.send(1804);
 * const selected = await select({ letters, numbers });
 * if (selected.from === "letters") throw new Error(selected.value.toUpperCase()); // a string here
 * else console.log(selected.value.toFixed(1)); // a number here
 * ```
 */
export async function select<C extends Record<string, Channel<unknown>>>(channels: C): Promise<Selected<C>> {
  while (await ready(Object.values(channels))) {
    for (const [from, channel] of Object.entries(channels)) {
      for (const value of channel.drain(1)) return { from, value } as Selected<C>;
    }
  }
  throw new ChannelClosedError("Cannot select: every channel is closed and empty");
}
