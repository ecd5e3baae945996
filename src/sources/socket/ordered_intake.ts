/** The intake of one publisher's socket: has what its frames contain appended in the order in which they came. */

import type { Draft, Receipt } from "../../journal/journal.ts";
import type { PublishDeps } from "../publish.ts";

interface Waiting {
  readonly drafts: readonly Draft[];
  readonly resolve: (receipts: readonly Receipt[]) => void;
  readonly reject: (reason: unknown) => void;
}

const MAX_DRAFTS = 1_000; // from which on no more are added to those that are appended together

/**
 * One append is made at a time, because some need a step before it: a push has to be kept, and with NATS an id or a
 * topic. Others would overtake them. What comes meanwhile is appended together after that.
 */
export class OrderedIntake implements PublishDeps {
  readonly #intake: PublishDeps;
  #waiting: Waiting[] = [];
  #isAppending = false;

  constructor(intake: PublishDeps) {
    this.#intake = intake;
  }

  get hasPushes(): boolean {
    return this.#intake.hasPushes;
  }

  accept(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    if (!this.#isAppending) return this.#accept(drafts);
    return new Promise((resolve, reject) => this.#waiting.push({ drafts, resolve, reject }));
  }

  schedule(...[records]: Parameters<PublishDeps["schedule"]>): ReturnType<PublishDeps["schedule"]> {
    return this.#intake.schedule(records);
  }

  now(): number {
    return this.#intake.now();
  }

  lifeMs(ttl: number | null): number {
    return this.#intake.lifeMs(ttl);
  }

  async #accept(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    this.#isAppending = true;
    try {
      return await this.#intake.accept(drafts);
    } finally {
      this.#isAppending = false;
      if (this.#waiting.length > 0) void this.#acceptWaiting();
    }
  }

  /** Never rejects. */
  async #acceptWaiting(): Promise<void> {
    const group = this.#takeGroup();
    try {
      const receipts = await this.#accept(group.flatMap(({ drafts }) => drafts));
      let from = 0;
      for (const { drafts, resolve } of group) {
        resolve(receipts.slice(from, from + drafts.length));
        from += drafts.length;
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  /** What has a push is appended alone: if there is no room for pushes, the others need not wait for it. */
  #takeGroup(): readonly Waiting[] {
    let count = 0;
    for (let drafts = 0; drafts < MAX_DRAFTS; count++) {
      const waiting = this.#waiting[count];
      if (waiting === undefined || (hasPush(waiting) && count > 0)) break;
      drafts += hasPush(waiting) ? MAX_DRAFTS : waiting.drafts.length;
    }
    return this.#waiting.splice(0, count);
  }
}

function hasPush({ drafts }: Waiting): boolean {
  return drafts.some(({ push }) => push !== null);
}
