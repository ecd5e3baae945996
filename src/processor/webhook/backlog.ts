/** A bounded backlog of undelivered values, which are due, received or postponed. Every target has a share of it. */

import { Channel } from "../../async/channel.ts";
import { Rotation } from "../../async/rotation.ts";
import { Shares } from "../../async/shares.ts";

export interface BacklogLimits {
  /** The maximum number of values. */
  readonly capacity: number;
  /** The maximum number of values of one target. */
  readonly share: number;
}

/** A task that receives a value by iterating must either postpone or settle it. */
export class Backlog<T extends { readonly target: string }> implements AsyncIterable<T> {
  readonly #shares: Shares;
  readonly #due = new Rotation<T>();
  readonly #turns: Channel<null>; // one for each due value; never overflows, because `size` includes them
  readonly #postponed = new Map<ReturnType<typeof setTimeout>, T>();
  #closed = false;

  /** @throws {RangeError} if `capacity` is not a whole number of at least 1 */
  constructor(limits: BacklogLimits) {
    this.#shares = new Shares(limits);
    this.#turns = new Channel(limits.capacity);
  }

  /** The number of values that are not settled. It never exceeds the capacity. */
  get size(): number {
    return this.#shares.size;
  }

  hasRoomFor(target: string, count: number): boolean {
    return this.#shares.hasRoomFor(target, count);
  }

  /** Returns false if there is no room for a value of its target, or the backlog is closed. */
  add(value: T): boolean {
    if (this.#closed || !this.#shares.take(value.target, 1)) return false;
    this.#makeDue(value);
    return true;
  }

  /** Puts a received value, or its replacement, back. It is due again after `ms` milliseconds. */
  postpone(value: T, ms: number): void {
    const timer = setTimeout(() => {
      this.#postponed.delete(timer);
      this.#makeDue(value);
    }, ms);
    this.#postponed.set(timer, value);
  }

  /** Releases the room of a received value. */
  settle({ target }: T): void {
    this.#shares.release(target, 1);
    this.#endIfDone();
  }

  /** Drops all values that are due or postponed, and returns their number. */
  clear(): number {
    const cleared = [...this.#postponed.values(), ...this.#due.drain()];
    for (const timer of this.#postponed.keys()) clearTimeout(timer);
    this.#postponed.clear();
    this.#turns.drain();
    for (const { target } of cleared) this.#shares.release(target, 1);
    this.#endIfDone();
    return cleared.length;
  }

  /** Refuses new values from now on. Iterations end after the last value is settled. */
  close(): void {
    this.#closed = true;
    this.#endIfDone();
  }

  /** Any number of tasks may iterate. Each value goes to one of them when it is due, and the targets take turns. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for await (const _ of this.#turns) {
      const value = this.#due.next();
      if (value !== undefined) yield value;
    }
  }

  #makeDue(value: T): void {
    this.#due.add(value.target, value);
    this.#turns.trySend(null);
  }

  #endIfDone(): void {
    if (this.#closed && this.size === 0) this.#turns.close();
  }
}
