/** Writes to a connection: what is added while a write is under way goes out with the next one. */

export class JoiningWriter {
  readonly #connection: Pick<Deno.TcpConn, "write">;
  #out: Uint8Array<ArrayBuffer>; // what is written next
  #spare: Uint8Array<ArrayBuffer>;
  #outBytes = 0;
  #isWriting = false;

  /** @param capacity how much can wait, in bytes */
  constructor(connection: Pick<Deno.TcpConn, "write">, capacity: number) {
    this.#connection = connection;
    this.#out = new Uint8Array(capacity);
    this.#spare = new Uint8Array(capacity);
  }

  add(bytes: Uint8Array): void {
    this.#out.set(bytes, this.#outBytes);
    this.#outBytes += bytes.length;
    if (this.#isWriting) return;
    this.#isWriting = true;
    queueMicrotask(() => void this.#write()); // with everything else that is sent in response to one answer
  }

  async #write(): Promise<void> {
    while (this.#outBytes > 0) {
      const bytes = this.#out.subarray(0, this.#outBytes);
      [this.#out, this.#spare] = [this.#spare, this.#out];
      this.#outBytes = 0;
      for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
    }
    this.#isWriting = false;
  }
}
