/** The processor: what is done with the messages that browsers send. This one logs them. */

import type { Channel } from "./channel/channel.ts";
import type { Received } from "./socket/session.ts";

/** Runs until the channel is closed and empty. */
export async function logReceived(
  received: Channel<Received>,
  log: { info(message: string, properties: Record<string, unknown>): void },
): Promise<void> {
  for await (const { connection, target, message } of received) {
    log.info("received {type} from {target}", { connection, target, ...message });
  }
}
