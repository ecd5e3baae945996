/** A token bucket: limits how often a browser may send. Its state is a single number. */

const BURST = 50;
const MS_PER_TOKEN = 100; // 10 a second after the burst

const monotonic = () => performance.now(); // shared, because a closure for each bucket would cost 56 bytes

export class TokenBucket {
  readonly #now: () => number;
  #fullAt = 0; // when the bucket will be full again: a whole number, which V8 stores in the field itself

  /** @param now milliseconds on a monotonic clock */
  constructor(now: () => number = monotonic) {
    this.#now = now;
  }

  /** Takes a token and returns 0. If there is none, returns in how many milliseconds there will be one. */
  take(): number {
    const now = Math.floor(this.#now());
    const fullAt = Math.max(this.#fullAt, now) + MS_PER_TOKEN;
    const waitMs = fullAt - now - BURST * MS_PER_TOKEN;
    if (waitMs > 0) return waitMs;
    this.#fullAt = fullAt;
    return 0;
  }
}
