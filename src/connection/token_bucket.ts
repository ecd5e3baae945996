/** An allowance: how often a browser may send something. A token bucket, kept in a single number. */

const BURST = 50;
const MS_EACH = 100; // then 10 a second

const monotonic = () => performance.now(); // one for all: a closure of its own would cost each 56 bytes

export class TokenBucket {
  readonly #now: () => number;
  #fullAt = 0; // when the bucket will be full again: a whole number, which costs nothing beside its field

  /** @param now milliseconds on a clock that never jumps */
  constructor(now: () => number = monotonic) {
    this.#now = now;
  }

  /** Takes one out and returns 0; or takes none, and returns in how many milliseconds there will be one. */
  take(): number {
    const now = Math.floor(this.#now());
    const fullAt = Math.max(this.#fullAt, now) + MS_EACH;
    const tooMuch = fullAt - now - BURST * MS_EACH;
    if (tooMuch > 0) return tooMuch;
    this.#fullAt = fullAt;
    return 0;
  }
}
