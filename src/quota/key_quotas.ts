/** The allowances of all publishers' keys, and what the nodes tell each other of them. */

import type { Spending, SpendingLedger } from "../cluster/spending.ts";
import type { KeyLimits, RateLimit, RateLimits } from "../config/rate_limits.ts";
import { Allowance, type KeyQuota } from "./allowance.ts";
import { type LimitName, QuotaPolicy } from "./quota_policy.ts";

export interface KeyQuotasDeps {
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** Aborts when the node begins to stop. */
  readonly stopping: AbortSignal;
  /** Called with each refusal, and each time that a stream of lines waits. */
  readonly onLimited: (limit: LimitName, key: string) => void;
}

/** Only keys that have a limit take part. Their number bounds everything that is kept and sent. */
export class KeyQuotas implements SpendingLedger {
  readonly #allowances: ReadonlyMap<string, Allowance>;

  constructor(limits: RateLimits["keys"], deps: KeyQuotasDeps) {
    this.#allowances = new Map(
      Array.from(limits, ([key, of]) => [key, allowanceOf(key, { of, deps })]),
    );
  }

  /** Null: the key has no limit. */
  of(key: string): Allowance | null {
    return this.#allowances.get(key) ?? null;
  }

  takeSpent(): readonly Spending[] {
    return [...this.#allowances.values()].flatMap((allowance) => allowance.takeSpent());
  }

  /** Nodes can be configured differently for a while: keys that have no limit here are ignored. */
  receive(spending: readonly Spending[], withinMs: number): void {
    for (const spent of spending) this.#allowances.get(spent.of)?.spentElsewhere(spent, withinMs);
  }
}

function allowanceOf(key: string, { of, deps }: { of: KeyLimits; deps: KeyQuotasDeps }): Allowance {
  function quota(unit: keyof KeyLimits, limit: RateLimit | null): KeyQuota | null {
    if (limit === null) return null;
    const name = `key-${unit}` as const;
    const onLimited = () => deps.onLimited(name, key);
    const policy = new QuotaPolicy({
      ...{ name, limit, unit, onLimited, now: deps.now },
      subject: `the key ${key} may send`,
    });
    return { policy, bucket: policy.createBucket() };
  }
  return new Allowance({
    key,
    requests: quota("requests", of.requests),
    notifications: quota("notifications", of.notifications),
    stopping: deps.stopping,
  });
}
