/** Semaphore: lets at most so many tasks run at the same time, and the others wait for their turn in order. */

import { Fifo } from "./fifo.ts";

/**
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const semaphore = new Semaphore(1), order: string[] = [];
 * const first = semaphore.run(async () => {
 *   await Promise.resolve();
 *   order.push("first");
 * });
 * const second = semaphore.run(() => Promise.resolve(order.push("second")));
 * await Promise.all([first, second]);
 * assertEquals(order, ["first", "second"]);
 * ```
 */
export class Semaphore {
  readonly #waiting = new Fifo<() => void>();
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  /** The number of tasks that could start at once. */
  get free(): number {
    return this.#free;
  }

  /** Runs a task when it is its turn, and settles as the task does. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.add(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.take();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
