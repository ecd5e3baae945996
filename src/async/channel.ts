/** A channel: a bounded queue between asynchronous tasks, whose senders wait while it is full. */
import { Fifo } from "./fifo.ts";
import { ready } from "./ready.ts";

/** The error of a `send` to a channel that is closed, or that closes before there is room for the value. */
export class ChannelClosedError extends Error {
  override readonly name = "ChannelClosedError";
}

/**
 * A first-in, first-out queue of at most `capacity` values. A full channel is no exception: `trySend` returns false.
 * Any number of tasks may send and receive. The values of one sender keep their order.
 *
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * const channel = new Channel<string>(2);
 * await channel.send("Hello"); // waits while the channel is full
 * assertEquals(channel.trySend("Alexander"), true);
 * assertEquals(channel.trySend("Hamilton"), false); // the channel is full, so it did not take the value
 * assertEquals(channel.drain(1), ["Hello"]);
 * channel.close(); // nothing more can be sent, but what is queued can still be received
 * assertEquals(await Array.fromAsync(channel), ["Alexander"]);
 * await assertRejects(() => channel.send("Burr"), ChannelClosedError);
 * ```
 */
export class Channel<T> implements AsyncIterable<T> {
  #values: T[] = [];
  // Most outboxes never have a waiting sender or a watcher, so neither queue exists before it is needed.
  #senders: Fifo<{ retry: () => void; reject: (reason: ChannelClosedError) => void }> | undefined;
  #watchers: (() => void)[] | undefined;
  #closed = false;

  /** @throws {RangeError} if `capacity` is not a whole number of values, at least 1 */
  constructor(readonly capacity: number) {
    if (!(capacity > 0 && Number.isInteger(capacity))) throw new RangeError(`No channel holds ${capacity}`);
  }

  /** The number of values that wait to be received, at most `capacity`. */
  get size(): number {
    return this.#values.length;
  }

  /** True once nothing more can be sent. Values may still wait to be received. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when the channel has taken the value. Rejects with {@linkcode ChannelClosedError} if it never will. */
  send(value: T): Promise<void> {
    if (this.trySend(value)) return Promise.resolve();
    if (this.#closed) return Promise.reject(new ChannelClosedError("Cannot send: the channel is closed"));
    return new Promise((resolve, reject) => {
      (this.#senders ??= new Fifo()).add({ retry: () => resolve(void this.trySend(value)), reject });
    });
  }

  /** Returns true if the channel took the value, and false if it is full or closed. */
  trySend(value: T): boolean {
    if (this.#closed || this.#values.length >= this.capacity) return false;
    this.#values.push(value);
    if (this.#watchers?.length) this.#wake();
    return true;
  }

  /** Removes and returns up to `max` values, oldest first, without waiting. Waiting senders then move up. */
  drain(max = Infinity): T[] {
    const drained = max < this.#values.length ? this.#values.splice(0, max) : this.#values;
    if (drained === this.#values) this.#values = [];
    while (this.#senders?.size && this.#values.length < this.capacity) this.#senders.take()?.retry();
    return drained;
  }

  /** The values that wait to be received, oldest first. They stay in the channel. */
  peek(): readonly T[] {
    return this.#values;
  }

  /** Rejects waiting and later senders. What is queued can still be received. */
  close(): void {
    this.#closed = true;
    while (this.#senders?.size) {
      this.#senders.take()?.reject(new ChannelClosedError("Cannot send: the channel was closed"));
    }
    this.#wake();
  }

  /** Calls back each time a value is sent, and when the channel closes, until `unwatch` is called. */
  watch(callback: () => void): void {
    (this.#watchers ??= []).push(callback);
  }

  unwatch(callback: () => void): void {
    const index = this.#watchers?.indexOf(callback) ?? -1;
    if (index >= 0) this.#watchers?.splice(index, 1);
  }

  /** Receives values one by one, and ends when the channel is closed and empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    while (await ready([this])) yield* this.drain(1);
  }

  #wake(): void {
    for (const callback of [...this.#watchers ?? []]) callback();
  }
}
