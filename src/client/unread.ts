/** What a loop over the notifications has not taken yet: a queue that loses the oldest when it is full. */

export class Unread<T> implements AsyncIterableIterator<T> {
  readonly #queue: T[] = [];
  readonly #capacity: number;
  readonly #left: () => void;
  #end: { error: unknown } | null = null;
  #waiting: PromiseWithResolvers<IteratorResult<T>>[] = [];

  /** @param left called when nobody takes any more */
  constructor(capacity: number, left: () => void) {
    this.#capacity = capacity;
    this.#left = left;
  }

  /** False if the oldest was lost for it. */
  add(value: T): boolean {
    const taker = this.#waiting.shift();
    if (taker !== undefined) taker.resolve({ done: false, value });
    else this.#queue.push(value);
    return this.#queue.length <= this.#capacity || this.#queue.shift() === undefined;
  }

  /** What is there can still be taken. Then it ends, or throws the error. */
  end(error?: unknown): void {
    this.#end ??= { error };
    for (const taker of this.#waiting.splice(0)) this.next().then(taker.resolve, taker.reject);
  }

  next(): Promise<IteratorResult<T>> {
    const [value] = this.#queue.splice(0, 1);
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#end !== null) {
      const { error } = this.#end;
      this.#end = { error: undefined };
      return error === undefined ? Promise.resolve({ done: true, value: error }) : Promise.reject(error);
    }
    const taker = Promise.withResolvers<IteratorResult<T>>();
    this.#waiting.push(taker);
    return taker.promise;
  }

  return(): Promise<IteratorResult<T>> {
    this.#queue.length = 0;
    this.end();
    this.#left();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
