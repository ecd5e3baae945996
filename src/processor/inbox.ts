/** The inbox: holds messages from browsers until the processor dispatches them, and refuses those without room. */

import type { Channel } from "../async/channel.ts";
import type { ReceivedMessage } from "../connection/read_pump.ts";

/** How full the backlog of the application's webhook is. */
export interface BacklogLevel {
  readonly size: number;
  readonly capacity: number;
}

export class Inbox {
  readonly #received: Channel<ReceivedMessage>;
  readonly #backlog: BacklogLevel | null;

  /** @param backlog the next stop of messages, but not of acks; null: there is none that could be full */
  constructor(received: Channel<ReceivedMessage>, backlog: BacklogLevel | null) {
    this.#received = received;
    this.#backlog = backlog;
  }

  /**
   * Accepts all messages and returns true, or none of them if there is no room. A browser has to learn at once that its
   * message is refused, because nobody can tell it later.
   */
  take(received: readonly ReceivedMessage[]): boolean {
    if (!this.#hasRoomFor(received)) return false;
    for (const one of received) this.#received.trySend(one);
    return true;
  }

  /** Everything that is still in the channel may be a message, so all of it counts against the backlog. */
  #hasRoomFor(received: readonly ReceivedMessage[]): boolean {
    const { size, capacity } = this.#received;
    if (size + received.length > capacity) return false;
    const messages = received.filter(({ message }) => message.type === "message").length;
    return messages === 0 || this.#backlog === null ||
      this.#backlog.size + size + messages <= this.#backlog.capacity;
  }
}
