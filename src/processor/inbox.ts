/** The inbox: what browsers have sent, until the processor takes it. It takes nothing that there is no room for. */

import type { Channel } from "../async/channel.ts";
import type { ReceivedMessage } from "../connection/read_pump.ts";

/** Where messages wait for the application. */
export interface BacklogLevel {
  readonly size: number;
  readonly capacity: number;
}

export class Inbox {
  readonly #received: Channel<ReceivedMessage>;
  readonly #backlog: BacklogLevel | null;

  /** @param backlog where messages, but no acks, go from here; null: nowhere that could be full */
  constructor(received: Channel<ReceivedMessage>, backlog: BacklogLevel | null) {
    this.#received = received;
    this.#backlog = backlog;
  }

  /** Takes all of them or, if there is no room, none: the browser has to learn it now, later there is nobody to tell. */
  take(received: readonly ReceivedMessage[]): boolean {
    const isTaken = this.#hasRoomFor(received);
    if (isTaken) { for (const one of received) this.#received.trySend(one); }
    return isTaken;
  }

  #hasRoomFor(received: readonly ReceivedMessage[]): boolean {
    const { size, capacity } = this.#received;
    if (size + received.length > capacity) return false;
    const messages = received.filter(({ message }) => message.type === "message").length;
    return messages === 0 || this.#backlog === null ||
      this.#backlog.size + size + messages <= this.#backlog.capacity; // of what is on the way, all may be messages
  }
}
