/** What a loop over the notifications has not taken yet: a queue that loses the oldest when it is full. */

export class Unread<T> implements AsyncIterableIterator<T> {
  readonly #queue: T[] = [];
  readonly #capacity: number;
  readonly #left: () => void;
  #end: { error?: unknown } | undefined;
  #losses = 0; // since one was taken
  #waiting: PromiseWithResolvers<IteratorResult<T>>[] = [];

  /** @param left called when nobody takes any more */
  constructor(capacity: number, left: () => void) {
    this.#capacity = capacity;
    this.#left = left;
  }

  /** False if the oldest was lost for it, and none since one was taken: whoever is told loads all that is missing. */
  add(value: T): boolean {
    const taker = this.#waiting.shift();
    if (taker) taker.resolve({ done: false, value });
    else this.#queue.push(value);
    if (this.#queue.length <= this.#capacity) return true;
    this.#queue.shift();
    return this.#losses++ > 0;
  }

  /** What is there can still be taken. Then it ends, or throws the error. */
  end(error?: unknown): void {
    this.#end ??= { error };
    for (const taker of this.#waiting.splice(0)) this.next().then(taker.resolve, taker.reject);
  }

  async next(): Promise<IteratorResult<T>> {
    this.#losses = 0;
    const [value] = this.#queue.splice(0, 1);
    if (value !== undefined) return { done: false, value };
    if (this.#end) {
      const { error } = this.#end;
      this.#end = {};
      if (error) throw error;
      return { done: true, value: error };
    }
    const taker = Promise.withResolvers<IteratorResult<T>>();
    this.#waiting.push(taker);
    return await taker.promise;
  }

  return(): Promise<IteratorResult<T>> {
    this.#queue.length = 0;
    this.end();
    this.#end = {};
    this.#left();
    return this.next();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
