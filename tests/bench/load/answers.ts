/** Reads the answers to a publisher's requests: one at a time, on a connection that is kept. */

const RETURN = 13, NEWLINE = 10, COLON = 58, SPACE = 32, ZERO = 48;
const LENGTH = new TextEncoder().encode("content-length:");

/** What can be read, bytes of a `Deno.Conn`. */
export interface Readable {
  read(into: Uint8Array): Promise<number | null>;
}

export class Answers {
  readonly #connection: Readable;
  readonly #buffer = new Uint8Array(16 * 1_024);

  constructor(connection: Readable) {
    this.#connection = connection;
  }

  /** The status of the next answer, once all of it has come. */
  async next(): Promise<number> {
    let come = 0, total: number | null = null;
    for (; total === null; total = totalLength(this.#buffer, come)) {
      come += await this.#read(come === 0 ? this.#buffer : this.#buffer.subarray(come));
    }
    const status = statusIn(this.#buffer);
    while (come < total) come += await this.#read(this.#buffer);
    return status;
  }

  async #read(into: Uint8Array): Promise<number> {
    const count = await this.#connection.read(into);
    if (count === null || count === 0) throw new Error("the server ended a publisher's connection");
    return count;
  }
}

/** Of head and body, from what the head says; null if there is more of the head to come. */
export function totalLength(bytes: Uint8Array, come: number): number | null {
  let body: number | null = null;
  for (let at = 0; at < come - 1; at++) {
    if (bytes[at] !== NEWLINE) continue;
    if (bytes[at + 1] === RETURN) {
      if (at + 2 >= come) return null;
      if (body === null) throw new Error("an answer does not say how long it is");
      return at + 3 + body;
    }
    if (isLength(bytes, at + 1)) body = numberAt(bytes, at + 1 + LENGTH.length);
  }
  return null;
}

/** HTTP/1.1 202 */
function statusIn(bytes: Uint8Array): number {
  return numberAt(bytes, 9);
}

function isLength(bytes: Uint8Array, at: number): boolean {
  for (let place = 0; place < LENGTH.length; place++) {
    if (((bytes[at + place] ?? 0) | SPACE) !== ((LENGTH[place] ?? 0) | SPACE)) return false; // whatever its case
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
