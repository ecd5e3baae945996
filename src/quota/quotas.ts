/** The limits of rates of a node. Each that is off is null, so that it costs nothing. */

import type { RateLimit, RateLimits } from "../config/rate_limits.ts";
import { AddressQuota } from "./address_quota.ts";
import { ConnectionQuota } from "./connection_quota.ts";
import { KeyQuotas } from "./key_quotas.ts";
import type { LimitName, QuotaPolicyOptions } from "./quota_policy.ts";

export interface QuotasDeps {
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** Aborts when the node begins to stop. */
  readonly stopping: AbortSignal;
  readonly metrics: {
    /** Makes the counter of a limit that is on. */
    limits(limit: LimitName, key?: string): void;
    /** Counts what a limit has refused or delayed. @param key the name of the publisher's key, if it is a limit of keys */
    limited(limit: LimitName, key?: string): void;
  };
}

/** The limits that are on. */
export interface Quotas {
  readonly keys: KeyQuotas | null;
  readonly addressRequests: AddressQuota | null;
  readonly attempts: AddressQuota | null;
  readonly connections: ConnectionQuota | null;
}

export function createQuotas(limits: RateLimits, { now, stopping, metrics }: QuotasDeps): Quotas {
  const onLimited = (limit: LimitName, key?: string) => metrics.limited(limit, key);
  countFromZero(limits, metrics);
  const optionsFor = (
    name: LimitName,
    limit: RateLimit,
  ): Pick<QuotaPolicyOptions, "name" | "limit" | "now" | "onLimited"> => (
    { name, limit, now, onLimited: () => onLimited(name) }
  );
  return {
    keys: limits.keys.size === 0 ? null : new KeyQuotas(limits.keys, { now, stopping, onLimited }),
    addressRequests: limits.addressRequests === null ? null : new AddressQuota({
      ...optionsFor("address-requests", limits.addressRequests),
      ...{ subject: "an address may send", unit: "requests" },
    }),
    attempts: limits.attempts === null ? null : new AddressQuota({
      ...optionsFor("attempts", limits.attempts),
      ...{ subject: "an address may send", unit: "wrong keys and tokens" },
    }),
    connections: limits.connections === null ? null : new ConnectionQuota({
      ...optionsFor("connections", limits.connections),
      ...{ subject: "this node takes", unit: "new connections" },
    }),
  };
}

/** Prometheus sees the first increment of a counter only if it knew the counter before. */
function countFromZero(
  { keys, addressRequests, attempts, connections }: RateLimits,
  metrics: QuotasDeps["metrics"],
): void {
  for (const [key, { requests, notifications }] of keys) {
    if (requests !== null) metrics.limits("key-requests", key);
    if (notifications !== null) metrics.limits("key-notifications", key);
  }
  if (addressRequests !== null) metrics.limits("address-requests");
  if (attempts !== null) metrics.limits("attempts");
  if (connections !== null) metrics.limits("connections");
}
