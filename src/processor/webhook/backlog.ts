/** The backlog: what is undelivered, bounded in all, be it due now, in the hands of a receiver, or due later. */

import { Channel } from "../../async/channel.ts";

/** Whoever receives a value (by iterating) has either to postpone or to settle it. */
export class Backlog<T> implements AsyncIterable<T> {
  readonly #due: Channel<T>; // can't overflow: what is in it counts for `size`
  readonly #waits = new Set<ReturnType<typeof setTimeout>>();
  #size = 0;
  #closed = false;

  /** @throws {RangeError} if `capacity` is not a whole number of values, at least 1 */
  constructor(readonly capacity: number) {
    this.#due = new Channel(capacity);
  }

  /** How many values are not settled, never more than `capacity`. */
  get size(): number {
    return this.#size;
  }

  /** True if it took the value, false if it is full or closed. */
  add(value: T): boolean {
    if (this.#closed || this.#size >= this.capacity) return false;
    this.#size++;
    return this.#due.trySend(value);
  }

  /** Puts one that was received, or what has become of it, back; due in so many milliseconds. */
  postpone(value: T, ms: number): void {
    const timer = setTimeout(() => {
      this.#waits.delete(timer);
      this.#due.trySend(value);
    }, ms);
    this.#waits.add(timer);
  }

  /** Ends it for one that was received. */
  settle(): void {
    this.#shrink(1);
  }

  /** Ends it for all that nobody has received, and says how many they were. */
  clear(): number {
    const cleared = this.#due.drain().length + this.#waits.size;
    for (const timer of this.#waits) clearTimeout(timer);
    this.#waits.clear();
    this.#shrink(cleared);
    return cleared;
  }

  /** Takes no more values. Iterations end when the last is settled. */
  close(): void {
    this.#closed = true;
    this.#shrink(0);
  }

  /** Any number of tasks may iterate; each value goes to one of them, whenever it is due. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void> {
    return this.#due[Symbol.asyncIterator]();
  }

  #shrink(count: number): void {
    this.#size -= count;
    if (this.#closed && this.#size === 0) this.#due.close();
  }
}
