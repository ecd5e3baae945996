/** The queue of one loop over notifications: it is bounded, and drops the oldest value when it is full. */

export class LoopQueue<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = [];
  readonly #capacity: number;
  readonly #onReturn: () => void;
  #end: { error?: unknown } | undefined;
  #dropped = 0; // since the loop last took a value
  #waiters: ((result: IteratorResult<T> | Promise<IteratorResult<T>>) => void)[] = [];

  /** @param onReturn called when the loop is left, by `break` for example */
  constructor(capacity: number, onReturn: () => void) {
    this.#capacity = capacity;
    this.#onReturn = onReturn;
  }

  /**
   * Returns false for the first value that is dropped since the loop last took one. More reports would be of no use:
   * a page reloads everything after the first.
   */
  push(value: T): boolean {
    const waiter = this.#waiters.shift();
    if (waiter) waiter({ done: false, value });
    else this.#values.push(value);
    if (this.#values.length <= this.#capacity) return true;
    this.#values.shift();
    return this.#dropped++ > 0;
  }

  /** Ends the loop after the values that are still queued. With an error, the loop then throws it. */
  end(error?: unknown): void {
    this.#end ??= { error };
    for (const waiter of this.#waiters.splice(0)) waiter(this.next());
  }

  async next(): Promise<IteratorResult<T>> {
    this.#dropped = 0;
    const [value] = this.#values.splice(0, 1);
    if (value !== undefined) return { done: false, value };
    if (this.#end) {
      const { error } = this.#end;
      this.#end = {};
      if (error) throw error;
      return { done: true, value: error };
    }
    return await new Promise((resolve) => this.#waiters.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#values.length = 0;
    this.end();
    this.#end = {};
    this.#onReturn();
    return this.next();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
