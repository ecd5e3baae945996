/** Receives what browsers post beside their connections: those with Server-Sent Events cannot send over theirs. */

import { ChannelClosed } from "../channel/channel.ts";
import { Problem } from "../problem.ts";
import type { BrowserMessage, ReceivedRequest } from "../protocol.ts";

/** A connection that takes messages. Throws a {@linkcode Problem} if it takes none of them. */
export interface Recipient {
  readonly id: string;
  take(messages: readonly BrowserMessage[]): void;
}

/** Takes what was posted by a browser of the target, or rejects with a {@linkcode Problem} and takes nothing. */
export type Receive = (target: string, request: ReceivedRequest) => Promise<void>;

/** @param connectionsOf the connections that a target has on this node */
export function receiving(connectionsOf: (target: string) => Promise<readonly Recipient[]>): Receive {
  return async function receive(target, { connection, messages }) {
    const connections = await connectionsOf(target).catch((error) => {
      if (error instanceof ChannelClosed) return []; // all have been sent away
      throw error;
    });
    const recipient = connections.find(({ id }) => id === connection);
    if (recipient === undefined) {
      throw new Problem("not-found", `${target} has no connection ${connection} on this node`);
    }
    recipient.take(messages);
  };
}
