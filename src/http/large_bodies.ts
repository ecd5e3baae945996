/** Hands on large bodies one by one, because parsing one of them can keep the event loop busy for 50 ms. */

import { nextTurn } from "../async/next_turn.ts";
import { pause } from "../async/pause.ts";
import { Rotation } from "../async/rotation.ts";

/**
 * Deno looks at its sockets in every 61st turn of the event loop, or when nothing is left to do: with bodies of 20 ms,
 * everybody else would wait for more than a second. Before every eighth body there is a pause, of two milliseconds.
 */
const BODIES_A_PAUSE = 8;

/** One body is handed on in a turn of the event loop, and the owners take turns. Requests that are small do not wait. */
export class LargeBodies {
  readonly #waiting = new Rotation<() => void>();
  #isRunning = false;

  /** Resolves when it is the turn of a body of this owner. */
  turn(owner: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(owner, resolve);
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    let count = 0;
    for (let handOn = this.#waiting.next(); handOn !== undefined; handOn = this.#waiting.next()) {
      if (++count % BODIES_A_PAUSE === 0) await pause(0);
      handOn();
      await nextTurn();
    }
    this.#isRunning = false;
  }
}
