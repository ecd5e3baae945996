/** The allowance of one publisher's key: what it may still send. */

import type { TokenBucket } from "../async/token_bucket.ts";
import { pause } from "../async/pause.ts";
import { Semaphore } from "../async/semaphore.ts";
import type { Spending } from "../cluster/spending.ts";
import { formatCount } from "../wire/format_count.ts";
import { Problem } from "../wire/problem.ts";
import type { QuotaPolicy } from "./quota_policy.ts";

/** A policy with the bucket of the key. */
export interface KeyQuota {
  readonly policy: QuotaPolicy;
  readonly bucket: TokenBucket;
}

export interface AllowanceOptions {
  readonly key: string;
  readonly requests: KeyQuota | null;
  readonly notifications: KeyQuota | null;
  /** Aborts when the node begins to stop. */
  readonly stopping: AbortSignal;
}

const MAX_PAUSE_MS = 1_000; // after which it is looked again, because other nodes tell what they have spent

export class Allowance {
  readonly key: string;
  readonly #requests: KeyQuota | null;
  readonly #notifications: KeyQuota | null;
  readonly #stopping: AbortSignal;
  readonly #turns = new Semaphore(1);
  /** The quotas that the responses describe. */
  readonly quotas: readonly KeyQuota[];
  #spent = { requests: 0, notifications: 0 }; // since the other nodes were told

  constructor({ key, requests, notifications, stopping }: AllowanceOptions) {
    this.key = key;
    this.#requests = requests;
    this.#notifications = notifications;
    this.#stopping = stopping;
    this.quotas = [requests, notifications].filter((quota) => quota !== null);
  }

  /** @throws {Problem} `quota-exceeded` */
  takeRequest(): void {
    if (this.#requests === null) return;
    this.#requests.policy.take(this.#requests.bucket);
    this.#spent.requests++;
  }

  /**
   * Refuses what would publish although nothing can be published now: before it is read, which is cheap.
   *
   * @throws {Problem} `quota-exceeded`
   */
  requireNotifications(): void {
    if (this.#notifications === null) return;
    const { policy, bucket } = this.#notifications, waitMs = policy.waitMs(bucket);
    if (waitMs > 0) throw policy.refuse(bucket, waitMs);
  }

  /** @throws {Problem} `quota-exceeded`, or `does-not-fit` if there can never be as many at once */
  takeNotifications(count: number): void {
    if (this.#notifications === null) return;
    this.requireFit(count);
    this.#notifications.policy.take(this.#notifications.bucket, count);
    this.#spent.notifications += count;
  }

  /** @throws {Problem} `does-not-fit` if there can never be as many at once: repeating them would be in vain */
  requireFit(count: number): void {
    const burst = this.#notifications?.policy.burst ?? Infinity;
    if (count <= burst) return;
    const most = `the key ${this.key} may send ${formatCount(burst)} notifications at once`;
    const message = `${most}, each target counted; the request has ${formatCount(count)}`;
    throw new Problem("does-not-fit", message, { errors: [{ path: "", message }], quotesNothing: true });
  }

  /** As many notifications as come back in about a second. Who waits for no more at a time is never held up for long. */
  get notificationsAtATime(): number {
    return this.#notifications?.policy.perTurn ?? Infinity;
  }

  /**
   * Takes notifications when there are enough. Those that came earlier go first. Resolves with false, and takes none, if the
   * node begins to stop.
   *
   * @param count at most the burst
   */
  async waitForNotifications(count: number): Promise<boolean> {
    if (this.#notifications === null) return true;
    const { policy, bucket } = this.#notifications;
    return await this.#turns.run(async () => {
      for (let isFirst = true; bucket.take(count) > 0; isFirst = false) {
        if (this.#stopping.aborted) return false;
        if (isFirst) policy.countDelay();
        await pause(Math.min(Math.ceil(policy.waitMs(bucket, count)), MAX_PAUSE_MS), this.#stopping);
      }
      this.#spent.notifications += count;
      return true;
    });
  }

  /** Returns what was spent since the last call. */
  takeSpent(): readonly Spending[] {
    const { requests, notifications } = this.#spent;
    if (requests + notifications === 0) return [];
    this.#spent = { requests: 0, notifications: 0 };
    return [
      { limit: "key-requests", of: this.key, count: requests },
      { limit: "key-notifications", of: this.key, count: notifications },
    ].filter(({ count }) => count > 0);
  }

  /** Another node has spent this, within the last milliseconds. */
  spentElsewhere({ limit, count }: Spending, withinMs: number): void {
    const quota = this.quotas.find(({ policy }) => policy.name === limit);
    quota?.policy.spend(quota.bucket, { count, withinMs });
  }
}
