/** The processor: sorts what browsers send, and hands it on at once, so that nothing is held up by anything else. */

import type { Channel } from "../async/channel.ts";
import type { ReceivedMessage } from "../connection/read_pump.ts";

/** A message for the application, over which connection it came, and whose that is. */
export interface ApplicationMessage {
  readonly connection: string;
  readonly target: string;
  readonly data: unknown;
}

/** Where it goes: synchronous, for what has to wait is to wait elsewhere. */
export interface MessageHandlers {
  /** The connection has these notifications. */
  ack(ids: readonly string[], connection: string): void;
  message(message: ApplicationMessage): void;
}

/** Runs until the channel is closed and empty. */
export async function dispatchReceived(
  received: Channel<ReceivedMessage>,
  handlers: MessageHandlers,
): Promise<void> {
  for await (const { connection, target, message } of received) {
    switch (message.type) {
      case "ack":
        handlers.ack(message.ids, connection);
        break;
      case "message":
        handlers.message({ connection, target, data: message.data });
        break;
      default:
        message satisfies never;
    }
  }
}
