/** The queue of one loop over notifications: it is bounded, and drops the oldest value when it is full. */

export class LoopQueue<T> implements AsyncIterableIterator<T> {
  /** What waits for the loop. */
  readonly waiting: T[] = [];
  /** The value that the loop has taken last. */
  taken: T | undefined;
  /** True once the loop was left, by `break` for example. What waits is then what it has not taken. */
  isLeft = false;
  readonly #capacity: number;
  readonly #onIdle: () => void;
  #end: { error?: unknown } | undefined;
  #dropped = 0; // since the loop last took a value
  #waiters: ((result: IteratorResult<T> | Promise<IteratorResult<T>>) => void)[] = [];

  /** @param onIdle called when the loop has taken everything and waits for more */
  constructor(capacity: number, onIdle: () => void) {
    this.#capacity = capacity;
    this.#onIdle = onIdle;
  }

  /**
   * Returns false for the first value that is dropped since the loop last took one. More reports would be of no use:
   * a page reloads everything after the first.
   */
  push(value: T): boolean {
    this.waiting.push(value);
    this.#waiters.shift()?.(this.next());
    if (this.waiting.length <= this.#capacity) return true;
    this.waiting.shift();
    return this.#dropped++ > 0;
  }

  /** Ends the loop after the values that are still queued. With an error, the loop then throws it. */
  end(error?: unknown): void {
    this.#end ??= { error };
    for (const waiter of this.#waiters.splice(0)) waiter(this.next());
  }

  async next(): Promise<IteratorResult<T>> {
    this.#dropped = 0;
    const [value] = this.isLeft ? [] : this.waiting.splice(0, 1);
    if (value !== undefined) return { done: false, value: this.taken = value };
    if (this.#end) {
      const { error } = this.#end;
      this.#end = {};
      if (error) throw error;
      return { done: true, value: error };
    }
    this.#onIdle();
    return await new Promise((resolve) => this.#waiters.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.isLeft = true;
    this.end();
    this.#end = {};
    return this.next();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
