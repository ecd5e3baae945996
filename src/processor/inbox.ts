/** The inbox: holds messages from browsers until the processor dispatches them, and refuses those without room. */

import type { Channel } from "../async/channel.ts";
import type { ReceivedMessage } from "../connection/read_pump.ts";

/** The backlog of the application's webhook. */
export interface MessageBacklog {
  /** True if it has room for so many more messages of the target. */
  hasRoomFor(target: string, count: number): boolean;
}

export class Inbox {
  readonly #received: Channel<ReceivedMessage>;
  readonly #backlog: MessageBacklog | null;

  /** @param backlog the next stop of messages, but not of acks; null: there is none that could be full */
  constructor(received: Channel<ReceivedMessage>, backlog: MessageBacklog | null) {
    this.#received = received;
    this.#backlog = backlog;
  }

  /**
   * Accepts all messages of a connection and returns true, or none of them if there is no room. A browser has to learn at
   * once that its message is refused, because nobody can tell it later.
   */
  take(received: readonly ReceivedMessage[]): boolean {
    if (!this.#hasRoomFor(received)) return false;
    for (const one of received) this.#received.trySend(one);
    return true;
  }

  /**
   * What is still in the channel counts as messages of the same target. The processor empties the channel before the next
   * frame is read, so a target cannot fill it either.
   */
  #hasRoomFor(received: readonly ReceivedMessage[]): boolean {
    const { size, capacity } = this.#received;
    if (size + received.length > capacity) return false;
    const messages = received.filter(({ message }) => message.type === "message");
    const [{ target } = { target: "" }] = messages;
    return messages.length === 0 || this.#backlog === null ||
      this.#backlog.hasRoomFor(target, size + messages.length);
  }
}
