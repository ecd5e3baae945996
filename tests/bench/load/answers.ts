/** Scans the answers to a publisher's frames, without parsing them: `{"id":…}` if accepted, `{"type":…}` if refused. */

const BRACE = 123, I = 105, T = 116;

export class Answers {
  readonly #onAnswer: (accepted: boolean) => void;
  #sinceBrace = Infinity; // bytes, over all pieces

  constructor(onAnswer: (accepted: boolean) => void) {
    this.#onAnswer = onAnswer;
  }

  /** Scans a piece of a frame. */
  take(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (byte === BRACE) this.#sinceBrace = 0;
      else if (++this.#sinceBrace === 2 && (byte === I || byte === T)) this.#onAnswer(byte === I); // after a quote
    }
  }
}
