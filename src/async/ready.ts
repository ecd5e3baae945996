/** Waiting for any of several channels, without taking anything from them. */
import type { Channel } from "./channel.ts";

/** Resolves with true when one of the channels has a value, with false when all are closed and empty. */
export async function ready(channels: readonly Channel<unknown>[]): Promise<boolean> {
  while (!channels.some((channel) => channel.size > 0)) {
    if (channels.every((channel) => channel.closed)) return false;
    const { promise: news, resolve: wake } = Promise.withResolvers<void>();
    for (const channel of channels) channel.watch(wake);
    await news;
    for (const channel of channels) channel.unwatch(wake);
  }
  return true;
}
