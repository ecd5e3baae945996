/** Reads the wire format of protocol buffers, without an object for each message. */

import { Buffer } from "node:buffer";
import { Problem } from "../../wire/problem.ts";

/** The wire types that the messages of publisher.proto have. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2 } as const;

const DOUBLE_BYTES = new Uint8Array(8), DOUBLE = new DataView(DOUBLE_BYTES.buffer);
const NOT_ASCII = /[\x80-\xff]/;
const PLAIN = /^[ !#-[\]-~]*$/; // ASCII that JSON does not escape
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A cursor over the bytes of a message. Every method throws a {@linkcode Problem}, `bad-request`, at a malformed one. */
export class WireReader {
  readonly end: number;
  position = 0;
  readonly #bytes: Uint8Array;
  /** One character for each byte: slices of it are far cheaper than decoding each string. */
  readonly #characters: string;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.end = bytes.length;
    this.#characters = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  }

  /** True while a message that ends at `end` has more fields. */
  hasMore(end: number): boolean {
    if (this.position > end) throw malformed("a field goes beyond the end of its message");
    return this.position < end;
  }

  /** Reads an unsigned number. Above 2^53, it is an approximation. */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      const byte = this.#bytes[this.position++];
      if (byte === undefined) throw malformed("it ends within a number");
      if (byte < 128) return value + byte * factor;
      value += (byte - 128) * factor;
    }
    throw malformed("it has a number of more than ten bytes");
  }

  /** Reads the length of a field, and returns where the field ends. */
  fieldEnd(parentEnd: number): number {
    const length = this.varint(), end = this.position + length;
    if (end > parentEnd) throw malformed(`a field of ${length} bytes goes beyond the end of its message`);
    return end;
  }

  double(): number {
    const at = this.position;
    this.position += 8;
    if (this.position > this.end) throw malformed("it ends within a number");
    for (let index = 0; index < 8; index++) DOUBLE_BYTES[index] = this.#bytes[at + index] ?? 0;
    return DOUBLE.getFloat64(0, true);
  }

  /** Reads a string. */
  text(parentEnd: number): string {
    const start = this.#enter(parentEnd), characters = this.#characters.slice(start, this.position);
    return NOT_ASCII.test(characters) ? this.#decode(start, this.position) : characters;
  }

  /** Reads a string, and returns it as JSON. */
  jsonText(parentEnd: number): string {
    const start = this.#enter(parentEnd), characters = this.#characters.slice(start, this.position);
    if (PLAIN.test(characters)) return `"${characters}"`;
    return JSON.stringify(NOT_ASCII.test(characters) ? this.#decode(start, this.position) : characters);
  }

  /** Passes over a field, and returns where its content starts. */
  #enter(parentEnd: number): number {
    const end = this.fieldEnd(parentEnd), start = this.position;
    this.position = end;
    return start;
  }

  #decode(start: number, end: number): string {
    try {
      return decoder.decode(this.#bytes.subarray(start, end));
    } catch (cause) {
      throw malformed("it has a string that is not UTF-8", cause);
    }
  }
}

export function malformed(reason: string, cause?: unknown): Problem {
  return new Problem("bad-request", `the message is malformed: ${reason}`, { cause });
}
