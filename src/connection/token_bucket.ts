/** A token bucket: limits how often something may happen. Its state is a single number. */

/** How many tokens can be taken at once, and how long each of them takes to come back. */
export interface Rate {
  readonly burst: number;
  readonly msPerToken: number;
}

const monotonic = () => performance.now(); // shared, because a closure for each bucket would cost 56 bytes

export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => number;
  #fullAt = 0; // when the bucket will be full again: a whole number, which V8 stores in the field itself

  /** @param now milliseconds on a monotonic clock */
  constructor(rate: Rate, now: () => number = monotonic) {
    this.#rate = rate;
    this.#now = now;
  }

  /**
   * Takes tokens, at most a burst, and returns 0. If there are not enough, takes none and returns in how many milliseconds
   * there will be.
   */
  take(count = 1): number {
    const { burst, msPerToken } = this.#rate;
    const now = Math.floor(this.#now());
    const fullAt = Math.max(this.#fullAt, now) + count * msPerToken;
    const waitMs = fullAt - now - burst * msPerToken;
    if (waitMs > 0) return waitMs;
    this.#fullAt = fullAt;
    return 0;
  }
}
