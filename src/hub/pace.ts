/** The pace of a loop: whatever it has to do, it leaves the rest of the process as much time as it takes itself. */

/** What a pace is made with. */
export interface PaceParts {
  /** Resolves in the next turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number;
  /** The longest rest. */
  readonly mostMs: number;
}

/**
 * Without it, a hub under load sends a thousand small frames, and finds the few notifications that publishers could
 * post meanwhile: so a frame has few in it, and costs a socket 10 µs all the same. Where publishers have as much time
 * as the sockets, frames grow with the load: 1.5 to 2 times the deliveries. It costs nobody anything while there is
 * little to do, as a short piece of work has a short rest.
 */
export class Pace {
  readonly #parts: PaceParts;
  #restedAt: Promise<number> = Promise.resolve(0);

  constructor(parts: PaceParts) {
    this.#parts = parts;
  }

  /** Resolves in the next turn of the event loop or, soon after a piece of work, in a later one, or when enough waits. */
  async rest(isEnough: () => boolean): Promise<void> {
    const { nextTurn, now } = this.#parts;
    const restedAt = await this.#restedAt;
    do await nextTurn(); while (now() < restedAt && !isEnough());
  }

  /** Does a piece of work. It has taken as long as until the next turn: Deno sends in between what is to be sent. */
  work(piece: () => void): void {
    const { nextTurn, now, mostMs } = this.#parts;
    const beganAt = now();
    piece();
    this.#restedAt = nextTurn().then(() => {
      const endedAt = now();
      return endedAt + Math.min(endedAt - beganAt, mostMs);
    });
  }
}
