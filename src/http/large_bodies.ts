/** Hands on large bodies one by one, because parsing one of them can keep the event loop busy for 50 ms. */

import { nextTurn } from "../async/next_turn.ts";
import { Rotation } from "../async/rotation.ts";

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
    for (let handOn = this.#waiting.next(); handOn !== undefined; handOn = this.#waiting.next()) {
      handOn();
      await nextTurn();
    }
    this.#isRunning = false;
  }
}
