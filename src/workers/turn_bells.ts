/** The bells of other isolates, which ring once a turn of the event loop, whatever was written for them in it. */

import type { Bell } from "./bell.ts";
import { firstIsolate } from "./isolate_bits.ts";

export class TurnBells {
  readonly #bells: (Bell | undefined)[] = [];
  #due = 0;
  readonly #ringAll = (): void => {
    const due = this.#due;
    this.#due = 0;
    for (let left = due; left !== 0; left &= left - 1) this.#bells[firstIsolate(left)]?.ring();
  };

  set(isolate: number, bell: Bell): void {
    this.#bells[isolate] = bell;
  }

  /** Rings the bells of these isolates, a bit for each, at the end of the turn. */
  due(isolates: number): void {
    if (isolates === 0) return;
    if (this.#due === 0) setImmediate(this.#ringAll);
    this.#due |= isolates;
  }
}
