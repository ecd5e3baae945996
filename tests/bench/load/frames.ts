/** Parses the frames of a server (RFC 6455, section 5.2) from a stream of bytes, without copying them. */

/** Receives the parsed frames. It gets the payload of text frames alone. */
export interface FrameSink {
  /** Called for a ping, which needs a pong (section 5.5.2). */
  onPing(): void;
  /** Called for a close frame, which needs another one (section 5.5.1). */
  onClose(): void;
  /** Called with a part of a frame's payload: the bytes from `start` to `end`. */
  onPayload(bytes: Uint8Array, start: number, end: number): void;
  /** Called at the end of a text frame. */
  onEnd(): void;
}

const TEXT = 1, CLOSE = 8, PING = 9;
const FIRST = -2, SECOND = -1; // the two bytes of the header before an extended length

/** Parses the bytes of one connection, from the end of the upgrade on. */
export class FrameReader {
  readonly #sink: FrameSink;
  #opcode = 0;
  /** What comes next: FIRST, SECOND, this number of bytes of the extended length, or (0) the payload. */
  #expected = FIRST;
  /** The number of bytes that are missing from the payload. */
  #left = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Parses the bytes from `start` to `end`. */
  take(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end;) {
      if (this.#expected !== 0) this.#takeHeader(bytes[at++] ?? 0);
      else at = this.#takePayload(bytes, at, end);
    }
  }

  #takeHeader(byte: number): void {
    if (this.#expected === FIRST) {
      this.#opcode = byte & 15; // no server here fragments its messages
      this.#expected = SECOND;
      return;
    }
    if (this.#expected === SECOND) {
      this.#expected = byte === 127 ? 8 : byte === 126 ? 2 : 0;
      this.#left = this.#expected === 0 ? byte : 0; // frames of a server have no mask
    } else {
      this.#left = this.#left * 256 + byte;
      this.#expected--;
    }
    if (this.#expected === 0 && this.#left === 0) this.#end();
  }

  #takePayload(bytes: Uint8Array, start: number, end: number): number {
    const stop = Math.min(end, start + this.#left);
    if (this.#opcode === TEXT) this.#sink.onPayload(bytes, start, stop);
    this.#left -= stop - start;
    if (this.#left === 0) this.#end();
    return stop;
  }

  #end(): void {
    this.#expected = FIRST;
    if (this.#opcode === TEXT) this.#sink.onEnd();
    if (this.#opcode === PING) this.#sink.onPing();
    if (this.#opcode === CLOSE) this.#sink.onClose();
  }
}
