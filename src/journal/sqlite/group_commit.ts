/** Transactions: one after the other, each with all the requests that wait by then. */

import { nextTurn } from "../../async/next_turn.ts";
import type { Draft, Receipt, UnavailableError } from "../journal.ts";

/** Writes the drafts, all or none, and resolves with a receipt for each, or with why that cannot be. */
export type Commit = (drafts: readonly Draft[]) => Promise<readonly Receipt[] | UnavailableError>;

/** A request that waits for the next one. */
interface WaitingAppend {
  readonly drafts: readonly Draft[];
  readonly resolve: (receipts: readonly Receipt[]) => void;
  readonly reject: (reason: UnavailableError) => void;
}

/**
 * With the requests of a whole turn of the event loop, 32 publishers fill a transaction with 15 instead of 7, and a
 * notification costs a tenth less.
 */
export class GroupCommit {
  readonly #commit: Commit;
  readonly #waiting: WaitingAppend[] = [];
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(commit: Commit) {
    this.#commit = commit;
  }

  /** Resolves with the receipts when the transaction that has these drafts is written. */
  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ drafts, resolve, reject });
      this.begin();
    });
  }

  /** Another one, also if nothing waits for it. If it fails then, nobody is told: the next sweep tries again. */
  begin(): void {
    if (!this.#isRunning) this.#running = this.#run();
  }

  /** Resolves when all that waits has been written, or refused. */
  async done(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    do {
      await nextTurn();
      await this.#write(this.#waiting.splice(0));
    } while (this.#waiting.length > 0);
    this.#isRunning = false; // no await since nothing waits
  }

  async #write(requests: readonly WaitingAppend[]): Promise<void> {
    const written = await this.#commit(requests.flatMap(({ drafts }) => drafts));
    let from = 0;
    for (const { drafts, resolve, reject } of requests) {
      if (written instanceof Error) reject(written);
      else resolve(written.slice(from, from += drafts.length));
    }
  }
}
