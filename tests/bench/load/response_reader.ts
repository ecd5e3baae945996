/** Reads the HTTP responses to a publisher's requests, one after the other, from a keep-alive connection. */

import { ChunkedBody } from "./chunked_body.ts";

const RETURN = 13, NEWLINE = 10, COLON = 58, SPACE = 32, ZERO = 48;
const LENGTH = new TextEncoder().encode("content-length:");
const CHUNKED = new TextEncoder().encode("transfer-encoding: chunked");

/** The part of a `Deno.Conn` that the reader needs. */
export interface Readable {
  read(into: Uint8Array): Promise<number | null>;
}

interface Head {
  /** The number of bytes of the head. */
  readonly length: number;
  /** The number of bytes of the body; null if it comes in chunks. */
  readonly bodyLength: number | null;
}

export class ResponseReader {
  readonly #connection: Readable;
  readonly #buffer = new Uint8Array(16 * 1_024);

  constructor(connection: Readable) {
    this.#connection = connection;
  }

  /** Resolves with the status of the next response, when all of it has arrived. */
  async next(): Promise<number> {
    let received = 0, head: Head | null = null;
    for (; head === null; head = headIn(this.#buffer, received)) {
      received += await this.#read(received === 0 ? this.#buffer : this.#buffer.subarray(received));
    }
    const status = statusIn(this.#buffer);
    if (head.bodyLength === null) {
      await this.#skipChunks(head.length, received);
    } else {
      const total = head.length + head.bodyLength;
      while (received < total) received += await this.#read(this.#buffer);
    }
    return status;
  }

  /** Reads to the end of a body whose first bytes are in the buffer, from `start` to `end`. */
  async #skipChunks(start: number, end: number): Promise<void> {
    const body = new ChunkedBody();
    let isComplete = body.take(this.#buffer, start, end);
    while (!isComplete) isComplete = body.take(this.#buffer, 0, await this.#read(this.#buffer));
  }

  async #read(into: Uint8Array): Promise<number> {
    const count = await this.#connection.read(into);
    if (count === null || count === 0) throw new Error("the server closed a publisher's connection");
    return count;
  }
}

/** Returns null while the head is incomplete. */
function headIn(bytes: Uint8Array, received: number): Head | null {
  let bodyLength: number | null = null, isChunked = false;
  for (let at = 0; at < received - 1; at++) {
    if (bytes[at] !== NEWLINE) continue;
    if (bytes[at + 1] === RETURN) {
      if (at + 2 >= received) return null;
      if (bodyLength === null && !isChunked) {
        throw new Error("a response has neither a content-length nor chunks");
      }
      return { length: at + 3, bodyLength };
    }
    if (startsWith(LENGTH, bytes, at + 1)) bodyLength = numberAt(bytes, at + 1 + LENGTH.length);
    if (startsWith(CHUNKED, bytes, at + 1)) isChunked = true;
  }
  return null;
}

/** Reads the status from a head such as `HTTP/1.1 202`. */
function statusIn(bytes: Uint8Array): number {
  return numberAt(bytes, 9);
}

/** Whether a header, in lower case, is at this place. */
function startsWith(header: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < header.length; index++) {
    // Header names are case-insensitive.
    if (((bytes[at + index] ?? 0) | SPACE) !== ((header[index] ?? 0) | SPACE)) return false;
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
