/** The pacer of a loop: after each piece of work, it leaves the rest of the process as much time as the work took. */

export interface PacerOptions {
  /** Resolves in the next turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  /** Work that took less time needs no rest. */
  readonly minMs: number;
  /** The longest rest. */
  readonly maxMs: number;
}

/**
 * Without a pacer, a hub under load sends a thousand small frames and then finds only the few notifications that
 * publishers could post meanwhile. So a frame has few notifications in it, and still costs a socket 10 µs. When
 * publishers get as much time as the sockets, frames grow with the load: that makes 1.5 to 2 times the deliveries.
 * A rest delays nothing while there is little to do, because short work needs none.
 */
export class Pacer {
  readonly #options: PacerOptions;
  #restsUntil = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** Resolves in the first turn of the event loop in which the rest is over or enough is waiting. */
  async rest(isEnough: () => boolean): Promise<void> {
    const { nextTurn, now } = this.#options;
    do await nextTurn(); while (now() < this.#restsUntil && !isEnough());
  }

  /** Does a piece of work, with a turn of the event loop after each step, in which Deno writes to the sockets. */
  async work(steps: Iterable<Promise<void> | void>): Promise<void> {
    const { nextTurn, now, minMs, maxMs } = this.#options;
    const startedAt = now();
    for (const step of steps) await (step ?? nextTurn());
    const endedAt = now(), tookMs = endedAt - startedAt;
    this.#restsUntil = tookMs < minMs ? endedAt : endedAt + Math.min(tookMs, maxMs);
  }
}
