/** Counts the notifications in a frame by their stamps, `"ts":` and a time, and reads the first of them. */

import { DIGITS, readTime } from "./clock.ts";

const [QUOTE, T, S, COLON] = [34, 116, 115, 58];
const MARK = [QUOTE, T, S, QUOTE, COLON] as const; // "ts":

/**
 * By how many bytes the search may go on after it has seen a byte where the mark could have ended (Horspool):
 * four bytes out of five are never looked at.
 */
const STRIDE = new Uint8Array(256).fill(MARK.length);
for (const [place, byte] of MARK.slice(0, -1).entries()) STRIDE[byte] = MARK.length - 1 - place;

export class Stamps {
  /** How many there are in the frame so far. */
  count = 0;
  /** The time of the first; null if there is none, or if it came in two pieces. */
  first: number | null = null;
  /** How many bytes of a mark the last piece ended with. */
  #begun = 0;

  /** Takes a piece of the frame. */
  take(bytes: Uint8Array, start: number, end: number): void {
    let at = this.#begun === 0 ? start : this.#follow(bytes, start, end);
    let last = at + MARK.length - 1;
    while (last < end) {
      const byte = bytes[last] ?? 0;
      if (byte === COLON && isMark(bytes, last)) {
        this.#found(bytes, last + 1, end);
        at = last + 1;
      }
      last += STRIDE[byte] ?? MARK.length;
    }
    if (at < end) this.#follow(bytes, Math.max(at, end - MARK.length + 1), end, { toEnd: true });
  }

  /** Prepares for another frame. */
  reset(): void {
    this.count = this.#begun = 0;
    this.first = null;
  }

  /** Byte for byte, until no mark is begun any more (or to the end): says up to where. */
  #follow(bytes: Uint8Array, start: number, end: number, { toEnd = false } = {}): number {
    let at = start;
    while (at < end && (toEnd || this.#begun > 0)) {
      this.#begun = after(this.#begun, bytes[at++] ?? 0);
      if (this.#begun < MARK.length) continue;
      this.#begun = 0;
      this.#found(bytes, at, end);
    }
    return at;
  }

  #found(bytes: Uint8Array, at: number, end: number): void {
    if (this.count++ === 0 && at + DIGITS <= end) this.first = readTime(bytes, at);
  }
}

function isMark(bytes: Uint8Array, last: number): boolean {
  return bytes[last - 1] === QUOTE && bytes[last - 2] === S && bytes[last - 3] === T &&
    bytes[last - 4] === QUOTE;
}

/** With so many bytes of a mark seen, how many are after one more (Knuth, Morris, Pratt). */
function after(begun: number, byte: number): number {
  if (byte === MARK[begun]) return begun + 1;
  if (byte === QUOTE) return 1;
  return begun === 4 && byte === T ? 2 : 0; // the mark's second quotation mark may begin another
}
