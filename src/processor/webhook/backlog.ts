/** A bounded backlog of undelivered values, which are due, received or postponed. */

import { Channel } from "../../async/channel.ts";

/** A task that receives a value by iterating must either postpone or settle it. */
export class Backlog<T> implements AsyncIterable<T> {
  readonly #due: Channel<T>; // never overflows, because `size` includes its values
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #size = 0;
  #closed = false;

  /** @throws {RangeError} if `capacity` is not a whole number of at least 1 */
  constructor(readonly capacity: number) {
    this.#due = new Channel(capacity);
  }

  /** The number of values that are not settled. It never exceeds `capacity`. */
  get size(): number {
    return this.#size;
  }

  /** Returns false if the backlog is full or closed. */
  add(value: T): boolean {
    if (this.#closed || this.#size >= this.capacity) return false;
    this.#size++;
    return this.#due.trySend(value);
  }

  /** Puts a received value, or its replacement, back. It is due again after `ms` milliseconds. */
  postpone(value: T, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#due.trySend(value);
    }, ms);
    this.#timers.add(timer);
  }

  /** Releases the room of one received value. */
  settle(): void {
    this.#shrink(1);
  }

  /** Drops all values that are due or postponed, and returns their number. */
  clear(): number {
    const cleared = this.#due.drain().length + this.#timers.size;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#shrink(cleared);
    return cleared;
  }

  /** Refuses new values from now on. Iterations end after the last value is settled. */
  close(): void {
    this.#closed = true;
    this.#shrink(0);
  }

  /** Any number of tasks may iterate. Each value goes to one of them when it is due. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void> {
    return this.#due[Symbol.asyncIterator]();
  }

  #shrink(count: number): void {
    this.#size -= count;
    if (this.#closed && this.#size === 0) this.#due.close();
  }
}
