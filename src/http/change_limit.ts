/** ChangeLimit: bounds the changes that are being stored, so that one caller does not fill the queue of the store. */

import { Shares } from "../async/shares.ts";
import { Problem } from "../wire/problem.ts";

/** At a time, in all and for each caller. */
const CHANGES = { capacity: 1_024, share: 16 };

export class ChangeLimit {
  readonly #underWay: Shares;

  constructor(changes: { capacity: number; share: number } = CHANGES) {
    this.#underWay = new Shares(changes);
  }

  /**
   * Resolves with what the change resolves with.
   *
   * @throws {Problem} `too-many-requests`; the change is not made then
   */
  async run<T>(caller: string, change: () => Promise<T>): Promise<T> {
    if (!this.#underWay.take(caller, 1)) {
      throw new Problem("too-many-requests", "too many changes are being stored; this one was not", {
        headers: { "retry-after": "1" },
      });
    }
    try {
      return await change();
    } finally {
      this.#underWay.release(caller, 1);
    }
  }
}
