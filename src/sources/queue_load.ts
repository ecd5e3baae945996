/** The load: how many messages of the queue, with how many bytes, are being taken at this moment. */

export class Load {
  #messages = 0;
  #bytes = 0;
  #lessened = Promise.withResolvers<void>();

  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Carries a message while it is being worked on, which must not fail. */
  carry(bytes: number, work: Promise<void>): void {
    this.#messages++;
    this.#bytes += bytes;
    void work.then(() => {
      this.#messages--;
      this.#bytes -= bytes;
      this.#lessened.resolve();
      this.#lessened = Promise.withResolvers();
    });
  }

  /** Resolves when no more than this is carried. For one who waits. */
  async atMost({ messages, bytes }: { messages: number; bytes: number }): Promise<void> {
    while (this.#messages > messages || this.#bytes > bytes) await this.#lessened.promise;
  }
}
