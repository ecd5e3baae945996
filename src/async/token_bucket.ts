/** A token bucket: limits how often something may happen. Its state is a single number. */

/** How many tokens can be taken at once, and how long each of them takes to come back, in the unit of the clock. */
export interface Rate {
  readonly burst: number;
  readonly interval: number;
}

const monotonic = () => performance.now(); // shared, because a closure for each bucket would cost 56 bytes

export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => number;
  #fullAt = 0; // when the bucket will be full again: a whole number, which V8 stores in the field itself

  /** @param now a monotonic clock. By default, it is in milliseconds, and so is all that is returned */
  constructor(rate: Rate, now: () => number = monotonic) {
    this.#rate = rate;
    this.#now = now;
  }

  /**
   * Takes tokens, at most a burst, and returns 0. If there are not enough, takes none and returns how long it takes until
   * there are.
   */
  take(count = 1): number {
    const now = Math.floor(this.#now());
    const wait = this.#waitFor(count, now);
    if (wait > 0) return wait;
    this.#fullAt = Math.max(this.#fullAt, now) + count * this.#rate.interval;
    return 0;
  }

  /** Returns what `take` would, and takes nothing. */
  waitFor(count: number): number {
    return Math.max(0, this.#waitFor(count, Math.floor(this.#now())));
  }

  /**
   * Takes tokens that were used already, also if there are not enough: no more can then be taken until the debt is paid.
   *
   * @param options.ago how long ago they were used. Tokens that a full bucket would have gained since are not lost
   */
  spend(count: number, { ago = 0 } = {}): void {
    this.#fullAt = Math.max(this.#fullAt, Math.floor(this.#now()) - ago) + count * this.#rate.interval;
  }

  /** The number of tokens that can be taken now, and how long it takes until there is one more: 0 if the bucket is full. */
  get level(): { readonly available: number; readonly next: number } {
    const { burst, interval } = this.#rate;
    const missing = Math.max(0, this.#fullAt - Math.floor(this.#now()));
    const available = Math.max(0, Math.floor(burst - missing / interval));
    return { available, next: missing === 0 ? 0 : missing - (burst - available - 1) * interval };
  }

  #waitFor(count: number, now: number): number {
    const { burst, interval } = this.#rate;
    return Math.max(this.#fullAt, now) + count * interval - now - burst * interval;
  }
}
