/** A bucket for each of any number of addresses, in bounded memory. */

import type { TokenBucket } from "../async/token_bucket.ts";

export interface BucketTableOptions {
  readonly createBucket: () => TokenBucket;
  /** How long an empty bucket takes to be full, in milliseconds. */
  readonly fillMs: number;
  /** The number of buckets. */
  readonly max?: number;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
}

const MAX_BUCKETS = 65_536; // about 10 MB

/**
 * There are two generations, and the older one is dropped as a whole when the younger one is old or full. A bucket that was
 * not used for as long as it takes to fill is like a new one, so nothing is forgotten by age. If there are more addresses
 * than buckets, those that were idle for the longest are forgotten first: who has as many addresses gains nothing by that.
 */
export class BucketTable {
  readonly #options: BucketTableOptions;
  readonly #max: number;
  #young = new Map<string, TokenBucket>();
  #old = new Map<string, TokenBucket>();
  #rotatesAt = -Infinity;

  constructor(options: BucketTableOptions) {
    this.#options = options;
    this.#max = (options.max ?? MAX_BUCKETS) / 2;
  }

  /** The number of buckets that are kept. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Returns the bucket of an address, which is kept. */
  of(address: string): TokenBucket {
    this.#rotate();
    const young = this.#young.get(address);
    if (young !== undefined) return young;
    const bucket = this.#old.get(address) ?? this.#options.createBucket();
    this.#old.delete(address);
    this.#young.set(address, bucket);
    return bucket;
  }

  #rotate(): void {
    const now = this.#options.now(), { fillMs } = this.#options;
    if (now < this.#rotatesAt && this.#young.size < this.#max) return;
    this.#old = now >= this.#rotatesAt + fillMs ? new Map() : this.#young;
    this.#young = new Map();
    this.#rotatesAt = now + fillMs;
  }
}
