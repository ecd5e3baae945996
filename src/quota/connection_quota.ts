/** The limit of new connections to this node, whoever opens them. */

import type { TokenBucket } from "../async/token_bucket.ts";
import { QuotaPolicy, type QuotaPolicyOptions } from "./quota_policy.ts";

export class ConnectionQuota {
  readonly #policy: QuotaPolicy;
  readonly #bucket: TokenBucket;

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
  }
}
