/** A channel for tests, which take its values one at a time. */

import { Channel, ChannelClosedError } from "../src/async/channel.ts";
import { ready } from "../src/async/ready.ts";

export class ReceivingChannel<T> extends Channel<T> {
  /** Waits for the oldest value. Rejects with {@linkcode ChannelClosedError} if the channel is closed and empty. */
  async receive(): Promise<T> {
    while (await ready([this])) for (const value of this.drain(1)) return value;
    throw new ChannelClosedError("Cannot receive: the channel is closed and empty");
  }
}
