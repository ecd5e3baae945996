/** The pace of a loop: whatever it has to do, it leaves the rest of the process as much time as it takes itself. */

/** What a pace is made with. */
export interface PacerOptions {
  /** Resolves in the next turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number;
  /** Shorter work needs no rest. */
  readonly minMs: number;
  /** The longest rest. */
  readonly maxMs: number;
}

/**
 * Without it, a hub under load sends a thousand small frames, and finds the few notifications that publishers could
 * post meanwhile: so a frame has few in it, and costs a socket 10 µs all the same. Where publishers have as much time
 * as the sockets, frames grow with the load: 1.5 to 2 times the deliveries. While there is little to do, nobody waits
 * for it: the work is too short for a rest.
 */
export class Pacer {
  readonly #deps: PacerOptions;
  #restedAt = 0;

  constructor(deps: PacerOptions) {
    this.#deps = deps;
  }

  /** Resolves in the next turn of the event loop or, soon after a piece of work, in a later one, or when enough waits. */
  async rest(isEnough: () => boolean): Promise<void> {
    const { nextTurn, now } = this.#deps;
    do await nextTurn(); while (now() < this.#restedAt && !isEnough());
  }

  /** Does a piece of work, with a turn of the event loop after each step: then Deno sends what is to be sent. */
  async work(steps: Iterable<void>): Promise<void> {
    const { nextTurn, now, minMs, maxMs } = this.#deps;
    const beganAt = now();
    for (const _ of steps) await nextTurn();
    const endedAt = now(), tookMs = endedAt - beganAt;
    this.#restedAt = tookMs < minMs ? endedAt : endedAt + Math.min(tookMs, maxMs);
  }
}
