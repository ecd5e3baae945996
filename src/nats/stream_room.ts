/** StreamRoom: how much nodes may still add to a stream that must not forget anything. */

/**
 * NATS before 2.10 refuses a message for a full stream only if the payload and the headers alone do not fit. It stores a
 * message that then does not fit with its subject and its other 34 bytes, and discards the oldest messages, although the
 * stream is configured to refuse new ones. So nodes keep to a limit of their own, below that of the stream. The difference
 * has to suffice for what other nodes add between two looks.
 */
export class StreamRoom {
  readonly #limit: number;
  #bytes = 0;

  /** @param limit in bytes, as the stream counts them */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What the stream holds, as far as is known. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Call this with what a look at the stream has found. */
  update({ bytes }: { readonly bytes: number }): void {
    this.#bytes = bytes;
  }

  /** False if there is no room. What is reserved and then not added is free again after the next look. */
  reserve(bytes: number): boolean {
    if (bytes <= 0) return true;
    if (this.#bytes + bytes > this.#limit) return false;
    this.#bytes += bytes;
    return true;
  }
}
