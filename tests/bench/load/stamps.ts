/** Counts the notifications in a frame by their time stamps (`"ts":` and a time), and reads the first one. */

import { DIGITS, readTime } from "./clock.ts";

const [QUOTE, T, S, COLON] = [34, 116, 115, 58];
const MARK = [QUOTE, T, S, QUOTE, COLON] as const; // "ts":

/**
 * The number of bytes that the search skips, by the byte at which the mark could have ended (Horspool's
 * algorithm). It never looks at four bytes out of five.
 */
const STRIDE = new Uint8Array(256).fill(MARK.length);
for (const [index, byte] of MARK.slice(0, -1).entries()) STRIDE[byte] = MARK.length - 1 - index;

export class Stamps {
  /** The number of stamps in the frame so far. */
  count = 0;
  /** The time of the first stamp; null if there is none, or if it is split over two pieces. */
  first: number | null = null;
  /** The number of bytes of a mark at the end of the last piece. */
  #matched = 0;

  /** Scans a piece of the frame. */
  take(bytes: Uint8Array, start: number, end: number): void {
    let at = this.#matched === 0 ? start : this.#scanBytes(bytes, start, end);
    let last = at + MARK.length - 1;
    while (last < end) {
      const byte = bytes[last] ?? 0;
      if (byte === COLON && isMark(bytes, last)) {
        this.#found(bytes, last + 1, end);
        at = last + 1;
      }
      last += STRIDE[byte] ?? MARK.length;
    }
    if (at < end) this.#scanBytes(bytes, Math.max(at, end - MARK.length + 1), end, { toEnd: true });
  }

  /** Prepares for the next frame. */
  reset(): void {
    this.count = this.#matched = 0;
    this.first = null;
  }

  /** Scans byte by byte until no mark is partly matched (or to the end), and returns where it stopped. */
  #scanBytes(bytes: Uint8Array, start: number, end: number, { toEnd = false } = {}): number {
    let at = start;
    while (at < end && (toEnd || this.#matched > 0)) {
      this.#matched = matchedAfter(this.#matched, bytes[at++] ?? 0);
      if (this.#matched < MARK.length) continue;
      this.#matched = 0;
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

/** Returns how many bytes of a mark are matched after one more byte (Knuth-Morris-Pratt). */
function matchedAfter(matched: number, byte: number): number {
  if (byte === MARK[matched]) return matched + 1;
  if (byte === QUOTE) return 1;
  return matched === 4 && byte === T ? 2 : 0; // the second quote of a mark can begin another mark
}
