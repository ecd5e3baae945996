/** A limit of each address: a policy, and a bucket for every network that has used up some of it. */

import type { TokenBucket } from "../async/token_bucket.ts";
import type { Spending, SpendingLedger } from "../cluster/spending.ts";
import { BucketTable } from "./bucket_table.ts";
import { QuotaPolicy, type QuotaPolicyOptions } from "./quota_policy.ts";

/** What one message of a node can tell. Who is one of more addresses has hardly spent anything. */
const MAX_TOLD = 1_000;
const MAX_COUNTED = 8_192;

export class AddressQuota implements SpendingLedger {
  readonly policy: QuotaPolicy;
  readonly #buckets: BucketTable;
  #spent: Map<string, number> | null = null; // a node that is alone tells nobody

  constructor(options: QuotaPolicyOptions) {
    const { now, limit: { burst, perSecond } } = options;
    const policy = this.policy = new QuotaPolicy(options);
    const createBucket = () => policy.createBucket();
    this.#buckets = new BucketTable({ createBucket, fillMs: 1000 * burst / perSecond, now });
  }

  bucketOf(network: string): TokenBucket {
    return this.#buckets.of(network);
  }

  /**
   * Takes a token and returns 0; or takes none, and returns in how many milliseconds there will be one.
   *
   * @param bucket that of the network
   */
  tryTake(network: string, bucket: TokenBucket = this.bucketOf(network)): number {
    const waitMs = this.policy.tryTake(bucket);
    if (waitMs === 0 && this.#spent !== null) this.#count(network, this.#spent);
    return waitMs;
  }

  /** Of more networks than can be told, those that have spent the most. */
  takeSpent(): readonly Spending[] {
    const { policy: { name: limit } } = this, spent = this.#spent ?? [];
    this.#spent = new Map();
    const all = Array.from(spent, ([of, count]) => ({ limit, of, count }));
    return all.length <= MAX_TOLD ? all : all.sort((a, b) => b.count - a.count).slice(0, MAX_TOLD);
  }

  receive(spending: readonly Spending[], withinMs: number): void {
    for (const { limit, of, count } of spending) {
      if (limit === this.policy.name) this.policy.spend(this.bucketOf(of), { count, withinMs });
    }
  }

  #count(network: string, spent: Map<string, number>): void {
    const count = spent.get(network);
    if (count !== undefined) spent.set(network, count + 1);
    else if (spent.size < MAX_COUNTED) spent.set(network, 1);
  }
}
