/** A timer wheel: ends each connection when its token expires, with one timer for all of them. */

/** Something that ends at a set time. */
export interface Expiring {
  expire(): void;
}

/**
 * Entries are grouped by the tick that ends them, so that a tick is short however many entries there are. No entry
 * ends early, and none later than two ticks after its time. A timer for each connection would cost 10 µs and 0.7 KB,
 * and a timer for more than 24 days fires at once.
 */
export class ExpiryWheel {
  readonly #everyMs: number;
  readonly #now: () => number;
  readonly #byTick = new Map<number, Set<Expiring>>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * @param everyMs the interval between two ticks
   * @param now milliseconds since 1970
   */
  constructor({ everyMs, now = Date.now }: { everyMs: number; now?: () => number }) {
    this.#everyMs = everyMs;
    this.#now = now;
  }

  /** @param at milliseconds since 1970 */
  add(expiring: Expiring, at: number): void {
    const tick = this.#tickFor(at), entries = this.#byTick.get(tick);
    if (entries === undefined) this.#byTick.set(tick, new Set([expiring]));
    else entries.add(expiring);
    this.#timer ??= setInterval(() => this.#tick(), this.#everyMs);
  }

  /** Must be called with the same time as `add`. Does nothing if the entry is not there. */
  delete(expiring: Expiring, at: number): void {
    const tick = this.#tickFor(at), entries = this.#byTick.get(tick);
    entries?.delete(expiring);
    if (entries?.size === 0) this.#byTick.delete(tick);
    if (this.#byTick.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tickFor(at: number): number {
    return Math.ceil(at / this.#everyMs);
  }

  /** Each entry deletes itself when it expires. */
  #tick(): void {
    const now = this.#now() / this.#everyMs;
    for (const [tick, entries] of this.#byTick) {
      if (tick <= now) { for (const entry of entries) entry.expire(); }
    }
  }
}
