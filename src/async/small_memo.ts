/** The latest few: what was made for one connection is there for the next, which the hub mostly offers the same. */

const MAX = 4; // a flush of large notifications sends several frames to a tab before the next gets them

export class SmallMemo<T> {
  readonly #made: T[] = [];
  #count = 0;

  find(isIt: (one: T) => boolean): T | undefined {
    return this.#made.find(isIt);
  }

  /** Adds one, in the place of the oldest, and returns it. */
  add(one: T): T {
    this.#made[this.#count++ % MAX] = one;
    return one;
  }
}
