/** Reads the HTTP responses to a publisher's requests, one after the other, from a keep-alive connection. */

const RETURN = 13, NEWLINE = 10, COLON = 58, SPACE = 32, ZERO = 48;
const LENGTH = new TextEncoder().encode("content-length:");

/** The part of a `Deno.Conn` that the reader needs. */
export interface Readable {
  read(into: Uint8Array): Promise<number | null>;
}

export class ResponseReader {
  readonly #connection: Readable;
  readonly #buffer = new Uint8Array(16 * 1_024);

  constructor(connection: Readable) {
    this.#connection = connection;
  }

  /** Resolves with the status of the next response, when all of it has arrived. */
  async next(): Promise<number> {
    let received = 0, total: number | null = null;
    for (; total === null; total = totalLength(this.#buffer, received)) {
      received += await this.#read(received === 0 ? this.#buffer : this.#buffer.subarray(received));
    }
    const status = statusIn(this.#buffer);
    while (received < total) received += await this.#read(this.#buffer);
    return status;
  }

  async #read(into: Uint8Array): Promise<number> {
    const count = await this.#connection.read(into);
    if (count === null || count === 0) throw new Error("the server closed a publisher's connection");
    return count;
  }
}

/** Returns the length of head and body together; null while the head is incomplete. */
export function totalLength(bytes: Uint8Array, received: number): number | null {
  let body: number | null = null;
  for (let at = 0; at < received - 1; at++) {
    if (bytes[at] !== NEWLINE) continue;
    if (bytes[at + 1] === RETURN) {
      if (at + 2 >= received) return null;
      if (body === null) throw new Error("a response has no content-length");
      return at + 3 + body;
    }
    if (isLength(bytes, at + 1)) body = numberAt(bytes, at + 1 + LENGTH.length);
  }
  return null;
}

/** Reads the status from a head such as `HTTP/1.1 202`. */
function statusIn(bytes: Uint8Array): number {
  return numberAt(bytes, 9);
}

function isLength(bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < LENGTH.length; index++) {
    // Header names are case-insensitive.
    if (((bytes[at + index] ?? 0) | SPACE) !== ((LENGTH[index] ?? 0) | SPACE)) return false;
  }
  return true;
}

function numberAt(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let at = start;; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === SPACE && value === 0) continue;
    if (byte < ZERO || byte >= COLON) return value;
    value = value * 10 + byte - ZERO;
  }
}
