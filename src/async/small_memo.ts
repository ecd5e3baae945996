/** A small memo: remembers the last few results, because the hub mostly offers the same to one connection after another. */

// A flush of large notifications sends several frames to one tab before the next tab gets the same ones, so the memo
// must hold all of them.
const CAPACITY = 4;

/** Holds the last four entries that were added. */
export class SmallMemo<T> {
  readonly #entries: T[] = [];
  #count = 0;

  find(matches: (entry: T) => boolean): T | undefined {
    return this.#entries.find(matches);
  }

  /** Replaces the oldest entry once the memo is full, and returns the new one. */
  add(entry: T): T {
    this.#entries[this.#count++ % CAPACITY] = entry;
    return entry;
  }
}
