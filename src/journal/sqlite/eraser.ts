/** Eraser: erases targets from the journal's file, so that no byte of them is left there. */

import { UnavailableError } from "../journal.ts";
import type { Evictions } from "./evictions.ts";
import type { GroupCommit } from "./group_commit.ts";
import { type NewlyRead, PendingErasure, type PendingWrite } from "./pending_write.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";

export interface EraserDeps {
  readonly file: Pick<SqliteWorkerClient, "rewrite">;
  readonly evictions: Evictions;
  readonly transactions: GroupCommit<NewlyRead, PendingWrite>;
}

/**
 * The erasure is recorded in a transaction, then what it has evicted is deleted, and then the file can be written anew. If
 * the process ends in between, a repeat does what is left. Whoever waits for the file shares the next time that it is
 * written: with 100 MB that takes a second or two, during which nothing can be appended.
 */
export class Eraser {
  readonly #deps: EraserDeps;
  #rewriting: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(deps: EraserDeps) {
    this.#deps = deps;
  }

  /** Rejects with {@linkcode UnavailableError}. */
  async erase(target: string): Promise<void> {
    await this.#write(target);
    while (this.#deps.evictions.size > 0) await this.#write(null);
  }

  /** Writes the file anew, without anything that was deleted before the call. Rejects with {@linkcode UnavailableError}. */
  wipe(): Promise<void> {
    return this.#next ??= this.#rewriting.then(() => {
      this.#next = undefined;
      const rewriting = this.#deps.file.rewrite().catch((cause) => {
        throw new UnavailableError("the journal's file cannot be written anew", { cause });
      });
      this.#rewriting = rewriting.catch(() => {}); // whoever has asked for it handles the error
      return rewriting;
    });
  }

  async #write(target: string | null): Promise<void> {
    const erasure = new PendingErasure(target);
    this.#deps.transactions.add(erasure);
    await erasure.written;
  }
}
