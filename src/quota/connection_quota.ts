/** The limit of new connections to this node, whoever opens them. */

import type { TokenBucket } from "../async/token_bucket.ts";
import type { Spending, SpendingLedger } from "../cluster/spending.ts";
import { QuotaPolicy, type QuotaPolicyOptions } from "./quota_policy.ts";

/** Nodes do not tell each other of it, but the isolates of a node do. */
export class ConnectionQuota implements SpendingLedger {
  readonly #policy: QuotaPolicy;
  readonly #bucket: TokenBucket;
  #spent = 0; // since the other isolates were told

  constructor(options: QuotaPolicyOptions) {
    this.#policy = new QuotaPolicy(options);
    this.#bucket = this.#policy.createBucket();
  }

  /** @throws {Problem} `quota-exceeded` if no connection can be opened now */
  require(): void {
    const waitMs = this.#policy.waitMs(this.#bucket);
    if (waitMs > 0) throw this.#policy.refuse(this.#bucket, waitMs);
  }

  /** Counts a connection. Called after {@linkcode ConnectionQuota.require}, in the same turn. */
  take(): void {
    this.#bucket.take();
    this.#spent++;
  }

  takeSpent(): readonly Spending[] {
    const count = this.#spent;
    this.#spent = 0;
    return count === 0 ? [] : [{ limit: this.#policy.name, of: "", count }];
  }

  receive(spending: readonly Spending[], withinMs: number): void {
    for (const { limit, count } of spending) {
      if (limit === this.#policy.name) this.#policy.spend(this.#bucket, { count, withinMs });
    }
  }
}
