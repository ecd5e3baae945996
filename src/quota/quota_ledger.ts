/** One ledger of several quotas. Each of them ignores what is spent of another limit. */

import type { Spending, SpendingLedger } from "../cluster/spending.ts";

export class QuotaLedger implements SpendingLedger {
  readonly #quotas: readonly SpendingLedger[];

  /** @param quotas of which those that are off are null */
  constructor(quotas: Iterable<SpendingLedger | null>) {
    this.#quotas = [...quotas].filter((quota) => quota !== null);
  }

  takeSpent(): readonly Spending[] {
    return this.#quotas.flatMap((quota) => quota.takeSpent());
  }

  receive(spending: readonly Spending[], withinMs: number): void {
    for (const quota of this.#quotas) quota.receive(spending, withinMs);
  }
}
