/** Finds the frames that a server sends (RFC 6455, section 5.2) in a stream of bytes, without a copy of any. */

/** Who wants to know. Of what is in a frame, only text is shown. */
export interface FrameSink {
  /** A ping has come, which wants an answer (section 5.5.2). */
  pinged(): void;
  /** A part of a frame's payload is in the bytes from `start` to `end`. */
  payload(bytes: Uint8Array, start: number, end: number): void;
  /** The frame is complete. */
  ended(): void;
}

const TEXT = 1, PING = 9;
const FIRST = -2, SECOND = -1; // bytes of the header that come before those of a long length

/** The bytes of one connection, from the first after the upgrade on. */
export class FrameReader {
  readonly #sink: FrameSink;
  #opcode = 0;
  /** What is expected: FIRST, SECOND, so many bytes of the length, or (0) the payload. */
  #expected = FIRST;
  /** Of the payload, how many bytes are to come. */
  #left = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Takes what has come, from `start` to `end`. */
  take(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end;) {
      if (this.#expected !== 0) this.#takeHeader(bytes[at++] ?? 0);
      else at = this.#takePayload(bytes, at, end);
    }
  }

  #takeHeader(byte: number): void {
    if (this.#expected === FIRST) {
      this.#opcode = byte & 15; // none of the servers splits a message into frames
      this.#expected = SECOND;
      return;
    }
    if (this.#expected === SECOND) {
      this.#expected = byte === 127 ? 8 : byte === 126 ? 2 : 0;
      this.#left = this.#expected === 0 ? byte : 0; // a server does not mask
    } else {
      this.#left = this.#left * 256 + byte;
      this.#expected--;
    }
    if (this.#expected === 0 && this.#left === 0) this.#end();
  }

  #takePayload(bytes: Uint8Array, start: number, end: number): number {
    const stop = Math.min(end, start + this.#left);
    if (this.#opcode === TEXT) this.#sink.payload(bytes, start, stop);
    this.#left -= stop - start;
    if (this.#left === 0) this.#end();
    return stop;
  }

  #end(): void {
    this.#expected = FIRST;
    if (this.#opcode === TEXT) this.#sink.ended();
    if (this.#opcode === PING) this.#sink.pinged();
  }
}
