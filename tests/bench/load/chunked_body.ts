/** Finds the end of a response body in chunks (RFC 9112, section 7.1), without copying it. */

const RETURN = 13, NEWLINE = 10, ZERO = 48, NINE = 57, LOWER_A = 97, LOWER_F = 102, TO_LOWER = 32;
const LINE_END = 2;

export class ChunkedBody {
  /** The size of the chunk, as far as its line has been read. */
  #size = 0;
  /** The number of bytes that are missing from the chunk and its line end. */
  #left = 0;
  #isLast = false;

  /** Reads the bytes from `start` to `end`, and returns whether the body is complete. */
  take(bytes: Uint8Array, start: number, end: number): boolean {
    for (let at = start; at < end;) {
      if (this.#left === 0) {
        this.#takeSize(bytes[at++] ?? 0);
        continue;
      }
      const step = Math.min(this.#left, end - at);
      this.#left -= step;
      at += step;
    }
    return this.#isLast && this.#left === 0;
  }

  #takeSize(byte: number): void {
    if (byte === RETURN) return;
    if (byte !== NEWLINE) {
      this.#size = this.#size * 16 + digit(byte);
      return;
    }
    // The last chunk has the size 0. An empty line follows it, because no server here sends trailers.
    this.#isLast = this.#size === 0;
    this.#left = this.#size + LINE_END;
    this.#size = 0;
  }
}

function digit(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  const lower = byte | TO_LOWER;
  if (lower >= LOWER_A && lower <= LOWER_F) return lower - LOWER_A + 10;
  throw new Error("a chunk of a response has no size");
}
