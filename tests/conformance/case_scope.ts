/** What ends with a case: its connections, its requests, and whatever it waits for. */

import { fail } from "./client/expect.ts";

const POLL_MS = 20;

export class CaseScope implements AsyncDisposable {
  readonly #opened = new AsyncDisposableStack();
  readonly #end = new AbortController();

  /** Aborts when the case has ended. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Has something closed at the end of the case. */
  use<T extends AsyncDisposable | Disposable>(resource: T): T {
    return this.#opened.use(resource);
  }

  /** Something that goes on beside the case, which awaits it later or ends before. */
  meanwhile<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => {}); // who awaits it sees the error
    return promise;
  }

  /** Resolves when the condition holds. Rejects when the case ends before. */
  async until(isTrue: () => Promise<boolean>): Promise<void> {
    while (!await isTrue()) {
      if (this.signal.aborted) fail("the case has ended");
      await this.#pause();
    }
  }

  /** Resolves after a moment, or when the case ends. */
  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>(), end = () => resolve();
    const timer = setTimeout(end, POLL_MS);
    this.signal.addEventListener("abort", end);
    await promise;
    clearTimeout(timer);
    this.signal.removeEventListener("abort", end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#opened.disposeAsync();
  }
}
