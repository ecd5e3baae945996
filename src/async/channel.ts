/** A channel: a bounded queue between asynchronous tasks. Full, it makes senders wait; empty, receivers. */
import { ready } from "./ready.ts";

/** What a `send` or a `receive` rejects with when a close has made it pointless. */
export class ChannelClosedError extends Error {
  override readonly name = "ChannelClosed";
}

/**
 * A first-in, first-out queue of at most `capacity` values. Overflow is a value, not an exception: `trySend`
 * says false. Any number of tasks may send and receive; the values of one sender keep their order.
 *
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * const channel = new Channel<string>(2);
 * await channel.send("Hello"); // would wait if the channel were full
 * assertEquals(channel.trySend("Alexander"), true);
 * assertEquals(channel.trySend("Hamilton"), false); // full: not taken
 * assertEquals(await channel.receive(), "Hello"); // would wait if the channel were empty
 * assertEquals(channel.drain(), ["Alexander"]); // all that is there, at once
 * channel.close(); // what is queued can still be received, nothing more can be sent
 * for await (const value of channel) throw new Error(`${value} was received already`);
 * await assertRejects(() => channel.receive(), ChannelClosedError);
 * ```
 */
export class Channel<T> implements AsyncIterable<T> {
  #values: T[] = [];
  #senders: { enter: () => void; refuse: (reason: ChannelClosedError) => void }[] | undefined; // each an array that
  #watchers: (() => void)[] | undefined; // most outboxes never need
  #closed = false;

  /** @throws {RangeError} if `capacity` is not a whole number of values, at least 1 */
  constructor(readonly capacity: number) {
    if (!(capacity > 0 && Number.isInteger(capacity))) throw new RangeError(`No channel holds ${capacity}`);
  }

  /** How many values wait to be received, never more than `capacity`. */
  get size(): number {
    return this.#values.length;
  }
  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when the channel has taken the value; rejects with {@linkcode ChannelClosedError} if it never will. */
  send(value: T): Promise<void> {
    if (this.trySend(value)) return Promise.resolve();
    if (this.#closed) return Promise.reject(new ChannelClosedError("Cannot send: the channel is closed"));
    return new Promise((resolve, refuse) => {
      (this.#senders ??= []).push({ enter: () => resolve(void this.trySend(value)), refuse });
    });
  }

  /** True if the channel took the value, false if it is full or closed. */
  trySend(value: T): boolean {
    if (this.#closed || this.#values.length >= this.capacity) return false;
    this.#values.push(value);
    if (this.#watchers?.length) this.#wake();
    return true;
  }

  /** The oldest value, once there is one; rejects with {@linkcode ChannelClosedError} when there can be none. */
  async receive(): Promise<T> {
    while (await ready([this])) for (const value of this.drain(1)) return value;
    throw new ChannelClosedError("Cannot receive: the channel is closed and empty");
  }

  /** Takes up to `max` values, oldest first, without waiting; then waiting senders move up. */
  drain(max = Infinity): T[] {
    const drained = max < this.#values.length ? this.#values.splice(0, max) : this.#values;
    if (drained === this.#values) this.#values = [];
    while (this.#senders?.length && this.#values.length < this.capacity) this.#senders.shift()?.enter();
    return drained;
  }

  /** What waits to be received, oldest first, left where it is. */
  peek(): readonly T[] {
    return this.#values;
  }

  /** Refuses the senders that wait and all later ones; what is queued can still be received. */
  close(): void {
    this.#closed = true;
    for (const { refuse } of this.#senders?.splice(0) ?? []) {
      refuse(new ChannelClosedError("Cannot send: it was closed"));
    }
    this.#wake();
  }

  /** Calls back whenever a value comes, and when the channel closes, until told to `unwatch`. */
  watch(callback: () => void): void {
    (this.#watchers ??= []).push(callback);
  }
  unwatch(callback: () => void): void {
    const index = this.#watchers?.indexOf(callback) ?? -1;
    if (index >= 0) this.#watchers?.splice(index, 1);
  }

  /** Receives until the channel is closed and empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    while (await ready([this])) yield* this.drain(1);
  }

  #wake(): void {
    for (const callback of [...this.#watchers ?? []]) callback();
  }
}
