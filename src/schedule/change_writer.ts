/** ChangeWriter: writes one set of changes at a time to a store, each with all the changes that are waiting by then. */

import type { RecordChanges, RecordStore } from "./record_store.ts";

export class ChangeWriter {
  readonly #store: Pick<RecordStore, "write">;
  readonly #waiting: RecordChanges[] = [];
  #next: Promise<void> | undefined; // the write that takes what is waiting
  #last: Promise<void> = Promise.resolve();

  constructor(store: Pick<RecordStore, "write">) {
    this.#store = store;
  }

  /** Resolves when the changes are kept. Rejects if they are not, nor what was written together with them. */
  write(changes: RecordChanges): Promise<void> {
    this.#waiting.push(changes);
    this.#next ??= this.#last = this.#writeAfter(this.#last);
    return this.#next;
  }

  /** Resolves when everything that was to be written is kept or has failed. */
  async settled(): Promise<void> {
    await this.#last.catch(() => {});
  }

  async #writeAfter(previous: Promise<void>): Promise<void> {
    await previous.catch(() => {}); // its own callers handle its error
    this.#next = undefined;
    const waiting = this.#waiting.splice(0);
    await this.#store.write({
      put: waiting.flatMap(({ put }) => put),
      removed: waiting.flatMap(({ removed }) => removed),
    });
  }
}
