/** A limit of each address: a policy, and a bucket for every network that has used up some of it. */

import { BucketTable } from "./bucket_table.ts";
import { QuotaPolicy, type QuotaPolicyOptions } from "./quota_policy.ts";
import type { TokenBucket } from "../async/token_bucket.ts";

export class AddressQuota {
  readonly policy: QuotaPolicy;
  readonly #buckets: BucketTable;

  constructor(options: QuotaPolicyOptions) {
    const { now, limit: { burst, perSecond } } = options;
    const policy = this.policy = new QuotaPolicy(options);
    const createBucket = () => policy.createBucket();
    this.#buckets = new BucketTable({ createBucket, fillMs: 1000 * burst / perSecond, now });
  }

  bucketOf(network: string): TokenBucket {
    return this.#buckets.of(network);
  }
}
