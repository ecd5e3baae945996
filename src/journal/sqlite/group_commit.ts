/** GroupCommit: runs one transaction at a time, each with all the writes that are waiting by then. */

import { nextTurn } from "../../async/next_turn.ts";
import type { UnavailableError } from "../journal.ts";

/** What a caller waits for. */
export interface WaitingWrite<R> {
  /** Called when it is written, with what the transaction resulted in. */
  settle(result: R): void;
  /** Called if it could not be written. */
  reject(reason: UnavailableError): void;
}

/** Writes everything or nothing. Resolves with a result, or with the reason why nothing was written. */
export type Commit<W, R> = (writes: readonly W[]) => Promise<{ readonly result: R } | UnavailableError>;

/**
 * A transaction takes the writes of a whole turn of the event loop. With 32 publishers, it then holds 15 appends
 * instead of 7, and a notification costs a tenth less.
 */
export class GroupCommit<R, W extends WaitingWrite<R>> {
  readonly #commit: Commit<W, R>;
  readonly #waiting: W[] = [];
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isNextWanted = false;

  constructor(commit: Commit<W, R>) {
    this.#commit = commit;
  }

  /** Takes a write to the next transaction. */
  add(write: W): void {
    this.#waiting.push(write);
    this.flush();
  }

  /**
   * Starts a transaction, after the one that is running, even if no write is waiting: it then only writes evictions. If
   * such a transaction fails, nothing is reported, because the next sweep tries again.
   */
  flush(): void {
    this.#isNextWanted = true;
    if (!this.#isRunning) this.#running = this.#run();
  }

  /** Resolves when all writes so far have been settled or rejected. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#isNextWanted) {
      await nextTurn();
      this.#isNextWanted = false;
      await this.#write(this.#waiting.splice(0));
    }
    this.#isRunning = false; // there is no await after the check, so no write can have come in between
  }

  async #write(writes: readonly W[]): Promise<void> {
    const outcome = await this.#commit(writes);
    for (const write of writes) {
      if (outcome instanceof Error) write.reject(outcome);
      else write.settle(outcome.result);
    }
  }
}
