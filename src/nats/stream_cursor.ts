/** StreamCursor: reads the messages of a stream once and in order, also a stream that grows meanwhile. */

import type { NatsLink } from "./link.ts";
import { type StreamMessage, StreamMessages, type StreamMessagesOptions } from "./stream_messages.ts";

export interface StreamCursorOptions extends StreamMessagesOptions {
  onMessage(message: StreamMessage): void;
  readonly isClosed: () => boolean;
}

export class StreamCursor {
  readonly #messages: StreamMessages;
  readonly #options: StreamCursorOptions;
  #next = 1; // the sequence number of the first message that is not read yet

  constructor(link: NatsLink, options: StreamCursorOptions) {
    this.#messages = new StreamMessages(link, options);
    this.#options = options;
  }

  /** All messages are read again. */
  restart(): void {
    this.#next = 1;
  }

  /** Resolves when everything up to a sequence number has been read. */
  async readThrough(last: number): Promise<void> {
    const { onMessage, isClosed } = this.#options;
    if (this.#next > last) return;
    for await (const message of this.#messages.from(this.#next)) {
      if (isClosed()) return;
      onMessage(message);
      this.#next = message.seq + 1;
      if (this.#next > last) return;
    }
    this.#next = last + 1;
  }
}
