/** The policy of a limit: its rate, its name, and how responses describe it and refuse by it. */

import { type Rate, TokenBucket } from "../async/token_bucket.ts";
import type { RateLimit } from "../config/rate_limits.ts";
import { formatCount } from "../wire/format_count.ts";
import { Problem } from "../wire/problem.ts";

/** The limits, by the names that metrics, problems and response fields have for them. */
export const LIMIT_NAMES = [
  "key-requests",
  "key-notifications",
  "address-requests",
  "attempts",
  "connections",
] as const;
export type LimitName = typeof LIMIT_NAMES[number];

export interface QuotaPolicyOptions {
  readonly name: LimitName;
  readonly limit: RateLimit;
  /** Begins the `detail` of refusals, such as `the key billing may send`. */
  readonly subject: string;
  /** What is counted, such as `requests`. */
  readonly unit: string;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** Called with each refusal or delay. */
  readonly onLimited: () => void;
}

const TICKS_PER_MS = 1_000; // of the buckets' clock: a token of a fast limit takes less than a millisecond
const TICKS_PER_SECOND = 1_000 * TICKS_PER_MS;

/**
 * The fields `RateLimit-Policy` and `RateLimit` are those of the draft draft-ietf-httpapi-ratelimit-headers-10. A token
 * bucket has no window, so `w` is the time in which an empty bucket fills, and `t` that until the next token, or until
 * those that a refused request needs.
 */
export class QuotaPolicy {
  readonly name: LimitName;
  readonly burst: number;
  /** As many tokens as come back in about a second: at least one, and at most the burst. */
  readonly perTurn: number;
  /** The item of `RateLimit-Policy`. */
  readonly field: string;
  readonly #rate: Rate;
  readonly #clock: () => number;
  readonly #detail: string;
  readonly #onLimited: () => void;
  #latest: Problem; // who sends far too much is refused in the same way each time, and to make an error takes 5 µs

  constructor({ name, limit: { perSecond, burst }, subject, unit, now, onLimited }: QuotaPolicyOptions) {
    // Requests are the draft's default. Its registry has no unit for notifications, so clients ignore such a policy.
    const quotaUnit = name === "key-notifications" ? ';qu="notifications"' : "";
    this.name = name;
    this.burst = burst;
    this.perTurn = Math.min(burst, Math.max(1, Math.ceil(perSecond)));
    this.field = `"${name}";q=${burst}${quotaUnit};w=${Math.max(1, Math.ceil(burst / perSecond))}`;
    this.#rate = { burst, interval: Math.max(1, Math.round(TICKS_PER_SECOND / perSecond)) };
    this.#clock = () => now() * TICKS_PER_MS;
    this.#detail = `${subject} ${perSecond} ${unit} a second, and ${formatCount(burst)} at once`;
    this.#onLimited = onLimited;
    this.#latest = this.#problem({ "retry-after": "", ratelimit: "" });
  }

  /** Creates a full bucket. */
  createBucket(): TokenBucket {
    return new TokenBucket(this.#rate, this.#clock);
  }

  /** How long it takes until so many tokens can be taken, in milliseconds. */
  waitMs(bucket: TokenBucket, count = 1): number {
    return bucket.waitFor(count) / TICKS_PER_MS;
  }

  /** Whether less than half of the burst is left. */
  isLow(bucket: TokenBucket): boolean {
    return bucket.waitFor(Math.ceil(this.burst / 2)) > 0;
  }

  /** Takes tokens that were used elsewhere within the last milliseconds. */
  spend(bucket: TokenBucket, { count, withinMs }: { count: number; withinMs: number }): void {
    bucket.spend(count, { ago: withinMs * TICKS_PER_MS });
  }

  /** Takes tokens and returns 0; or takes none, and returns in how many milliseconds there will be enough. */
  tryTake(bucket: TokenBucket, count = 1): number {
    return bucket.take(count) / TICKS_PER_MS;
  }

  /** @throws {Problem} `quota-exceeded` if there are not enough tokens; none is taken then */
  take(bucket: TokenBucket, count = 1): void {
    const waitMs = this.tryTake(bucket, count);
    if (waitMs > 0) throw this.refuse(bucket, waitMs);
  }

  /** The item of `RateLimit`. */
  limitField(bucket: TokenBucket): string {
    const { available, next } = bucket.level;
    return this.#limitField(available, Math.ceil(next / TICKS_PER_SECOND));
  }

  /** Counts what waits instead of being refused. */
  countDelay(): void {
    this.#onLimited();
  }

  /** Counts a refusal, and returns its problem, in which `t` is that of `Retry-After`, as the draft asks. */
  refuse(bucket: TokenBucket, waitMs: number): Problem {
    this.#onLimited();
    const seconds = Math.max(1, Math.ceil(waitMs / 1000)), retryAfter = String(seconds);
    const ratelimit = this.#limitField(bucket.level.available, seconds);
    const { headers } = this.#latest;
    if (headers["retry-after"] === retryAfter && headers["ratelimit"] === ratelimit) return this.#latest;
    return this.#latest = this.#problem({ "retry-after": retryAfter, ratelimit });
  }

  #limitField(available: number, seconds: number): string {
    return `"${this.name}";r=${available}${seconds === 0 ? "" : `;t=${seconds}`}`;
  }

  #problem(headers: Record<"retry-after" | "ratelimit", string>): Problem {
    return new Problem("quota-exceeded", this.#detail, {
      headers: { ...headers, "ratelimit-policy": this.field },
      members: { "violated-policies": [this.name], "retry_after": Number(headers["retry-after"]) },
    });
  }
}
