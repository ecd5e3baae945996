/** Waiting for any of several channels, without taking anything from them. */
import type { Channel } from "./channel.ts";

/** Resolves with true when one of the channels has a value, with false when all are closed and empty. */
export async function ready(channels: readonly Channel<unknown>[]): Promise<boolean> {
  while (channels.every(({ size }) => size === 0)) {
    if (channels.every(({ closed }) => closed)) return false;
    await new Promise<void>((resolve) => {
      const stops = channels.map((channel) => channel.watch(() => resolve(stops.forEach((stop) => stop()))));
    });
  }
  return true;
}
