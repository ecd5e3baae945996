/** A TCP or TLS connection whose bytes a case writes and takes as it likes. */

import { Violation } from "./expect.ts";

const encoder = new TextEncoder();

export class ByteStream implements Disposable {
  readonly #connection: Deno.Conn;
  #buffer = new Uint8Array(0);
  #isClosed = false;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  static async connect({ protocol, hostname, port }: URL): Promise<ByteStream> {
    const isSecure = protocol === "https:";
    const address = {
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || (isSecure ? 443 : 80)),
    };
    return new ByteStream(await (isSecure ? Deno.connectTls(address) : Deno.connect(address)));
  }

  /** The bytes of a connection that is there already. */
  static over(connection: Deno.Conn): ByteStream {
    return new ByteStream(connection);
  }

  /** Writes all of it. Returns false if the server has closed the connection. */
  async write(data: string | Uint8Array): Promise<boolean> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    try {
      for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
      return true;
    } catch (error) {
      if (this.#isClosed) throw new Violation("the case has ended", { cause: error });
      return false;
    }
  }

  /** Resolves with so many bytes; null if the connection ends before. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer> | null> {
    while (this.#buffer.length < count) if (!await this.#fill()) return null;
    const taken = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  /** Resolves with the text up to the separator, which is dropped; null if the connection ends before. */
  async takeUntil(separator: string): Promise<string | null> {
    for (;;) {
      const end = latin1(this.#buffer).indexOf(separator);
      if (end >= 0) {
        const taken = await this.take(end + separator.length);
        return new TextDecoder().decode(taken?.subarray(0, end));
      }
      if (!await this.#fill()) return null;
    }
  }

  /** Resolves with everything up to the end of the connection. */
  async takeRest(): Promise<Uint8Array<ArrayBuffer>> {
    while (await this.#fill());
    return this.#buffer.slice();
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  async #fill(): Promise<boolean> {
    const chunk = new Uint8Array(64 * 1024);
    const count = await this.#connection.read(chunk).catch(() => null);
    if (count === null) return false;
    const joined = new Uint8Array(this.#buffer.length + count);
    joined.set(this.#buffer);
    joined.set(chunk.subarray(0, count), this.#buffer.length);
    this.#buffer = joined;
    return true;
  }
}

/** One character a byte, so that indices are those of the bytes. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
