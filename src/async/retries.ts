/** Retries: repeats tasks that have failed, few at a time, so that many that fail together cost no more than a few. */

import { pause } from "./pause.ts";
import { Semaphore } from "./semaphore.ts";

export interface RetriesOptions {
  /** How long no task is tried after one has failed, in milliseconds. */
  readonly ms: number;
  /** The number of tasks that are tried at a time. */
  readonly atOnce: number;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

/**
 * What thousands of tasks need at once, such as a server, mostly fails for all of them. If each had a timer of its own,
 * they would all try in vain again and again, and Deno takes 250 µs to add a listener to a signal that has 10,000.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const retries = new Retries({ ms: 1, atOnce: 2, signal: new AbortController().signal });
 * let tries = 0;
 * await retries.untilDone(() => Promise.resolve(++tries === 3));
 * assertEquals(tries, 3);
 * ```
 */
export class Retries {
  readonly #options: RetriesOptions;
  readonly #turns: Semaphore;
  #pausing: Promise<void> | undefined;

  constructor(options: RetriesOptions) {
    this.#options = options;
    this.#turns = new Semaphore(options.atOnce);
  }

  /**
   * Calls the task, which has failed just now, until it resolves with true, or until the signal aborts. Tasks take turns,
   * so one that always fails does not keep others waiting. Rejects when the task rejects.
   */
  async untilDone(task: () => Promise<boolean>): Promise<void> {
    this.#failed();
    for (let isDone = false; !isDone && !this.#options.signal.aborted;) {
      isDone = await this.#turns.run(() => this.#try(task));
    }
  }

  async #try(task: () => Promise<boolean>): Promise<boolean> {
    while (this.#pausing !== undefined) await this.#pausing;
    if (this.#options.signal.aborted) return false;
    const isDone = await task();
    if (!isDone) this.#failed();
    return isDone;
  }

  #failed(): void {
    const { ms, signal } = this.#options;
    this.#pausing ??= pause(ms, signal).then(() => this.#pausing = undefined);
  }
}
