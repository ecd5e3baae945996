/** Fifo: a queue that gives out its oldest value at the same small cost, however long it is. */

/** Values that were given out are dropped when there are so many, and at least as many as are left. */
const MIN_DROPPED = 1_024;

/**
 * `Array.shift` moves all that is left once an array has more than 16,000 values or so: to empty one with 50,000 takes
 * three seconds.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const fifo = new Fifo<string>();
 * fifo.add("one");
 * fifo.add("two");
 * assertEquals(fifo.oldest, "one");
 * assertEquals([fifo.take(), fifo.size, fifo.take(), fifo.take()], ["one", 1, "two", undefined]);
 * ```
 */
export class Fifo<T> {
  #values: (T | undefined)[] = [];
  #taken = 0; // the number of values at the beginning that were given out

  get size(): number {
    return this.#values.length - this.#taken;
  }

  /** The oldest value. Undefined: there is none. */
  get oldest(): T | undefined {
    return this.#values[this.#taken];
  }

  add(value: T): void {
    this.#values.push(value);
  }

  /** Removes and returns the oldest value. Undefined: there is none. */
  take(): T | undefined {
    if (this.size === 0) return undefined;
    const value = this.#values[this.#taken];
    this.#values[this.#taken++] = undefined; // so that it can be collected
    if (this.#taken >= MIN_DROPPED && this.#taken >= this.size || this.size === 0) {
      this.#values = this.#values.slice(this.#taken);
      this.#taken = 0;
    }
    return value;
  }
}
