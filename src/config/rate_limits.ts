/** The limits of rates: how much publishers, addresses and new connections may use, and how fast it comes back. */

import { z } from "zod";
import { ANYONE } from "../wire/principal.ts";
import type { ConfiguredKey } from "./publisher_keys.ts";

/** So many a second in the long run, and at most `burst` at once. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** The limits of one publisher's key. Null: none. */
export interface KeyLimits {
  readonly requests: RateLimit | null;
  /** Each target of a notification counts. */
  readonly notifications: RateLimit | null;
}

/** All limits of rates. */
export interface RateLimits {
  /** By the name of the key; only keys that have a limit. */
  readonly keys: ReadonlyMap<string, KeyLimits>;
  /** The requests of one address. */
  readonly addressRequests: RateLimit | null;
  /** The wrong keys and tokens of one address. */
  readonly attempts: RateLimit | null;
  /** The new connections of subscribers to this node. */
  readonly connections: RateLimit | null;
}

/** A limit of publishers: of the key with this name, or (null) of each key that has none of its own. */
interface KeyLimit {
  readonly key: string | null;
  readonly of: keyof KeyLimits;
  readonly limit: RateLimit | null;
}

/** A limit of an address. */
interface AddressLimit {
  readonly of: "requests" | "attempts";
  readonly limit: RateLimit | null;
}

const DEFAULT_SECONDS = 5; // of the burst, if there is none in the text
const DEFAULT_ATTEMPTS: RateLimit = { perSecond: 10, burst: 50 };
const MAX_PER_SECOND = 1_000_000, MAX_BURST = 10_000_000, MIN_PER_SECOND = 0.01;
const EXPECTED =
  "expected RATE[:BURST], from 0.01 to 1000000 a second and from 1 to 10000000 at once, or off";

/** `RATE[:BURST]`, where RATE is a second and may have two decimals, or `off`. */
export const RateLimitText: z.ZodType<RateLimit | null, string> = z.string().transform((text, context) => {
  const limit = parseRateLimit(text);
  if (limit !== undefined) return limit;
  context.addIssue({ code: "custom", message: EXPECTED });
  return z.NEVER;
});

/** `[NAME/]requests=RATE[:BURST]` or `[NAME/]notifications=RATE[:BURST]`. */
const KeyLimit = z.string().transform((text, context): KeyLimit => {
  const [, name, of, value = ""] = /^(?:([^/=]*)\/)?(requests|notifications)=(.*)$/.exec(text) ?? [];
  const limit = parseRateLimit(value);
  if ((of === "requests" || of === "notifications") && limit !== undefined) {
    return { key: name ?? null, of, limit };
  }
  const message = of === undefined
    ? "expected [NAME/]requests=RATE[:BURST] or [NAME/]notifications=RATE[:BURST]"
    : EXPECTED;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** `requests=RATE[:BURST]` or `attempts=RATE[:BURST]`. */
const AddressLimit = z.string().transform((text, context): AddressLimit => {
  const [, of, value = ""] = /^(requests|attempts)=(.*)$/.exec(text) ?? [];
  const limit = parseRateLimit(value);
  if ((of === "requests" || of === "attempts") && limit !== undefined) return { of, limit };
  const message = of === undefined ? "expected requests=RATE[:BURST] or attempts=RATE[:BURST]" : EXPECTED;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

export const KeyLimitList = z.array(KeyLimit).superRefine(refuseTwins(({ key, of }) => `${key ?? ""}/${of}`));
export const AddressLimitList = z.array(AddressLimit).superRefine(refuseTwins(({ of }) => of));

/** The values of the variables, as they are parsed. */
export interface RateLimitVariables {
  readonly TIDINGS_KEY_LIMITS?: readonly KeyLimit[] | undefined;
  readonly TIDINGS_ADDRESS_LIMITS?: readonly AddressLimit[] | undefined;
  readonly TIDINGS_CONNECTION_LIMIT?: RateLimit | null | undefined;
}

/**
 * Resolves the limits. In development mode, where nobody has a key, the limits of keys are those of everyone together,
 * and no attempt is wrong.
 *
 * @param fault creates the error for an item that names no key
 */
export function rateLimits(
  { TIDINGS_KEY_LIMITS: keys = [], TIDINGS_ADDRESS_LIMITS: addresses = [], ...rest }: RateLimitVariables,
  { publisherKeys, development, fault }: {
    publisherKeys: readonly Pick<ConfiguredKey, "name">[];
    development: boolean;
    fault: (message: string) => Error;
  },
): RateLimits {
  const names = development ? [ANYONE.name] : publisherKeys.map(({ name }) => name);
  for (const [index, { key }] of keys.entries()) {
    if (key === null || names.includes(key)) continue;
    throw fault(`TIDINGS_KEY_LIMITS, item ${index + 1}: there is no key with this name`);
  }
  const limitOf = (name: string, of: keyof KeyLimits) =>
    (keys.find((one) => one.key === name && one.of === of) ??
      keys.find((one) => one.key === null && one.of === of))?.limit ?? null;
  const limits = names.map((name): [string, KeyLimits] => [name, {
    requests: limitOf(name, "requests"),
    notifications: limitOf(name, "notifications"),
  }]);
  const attempts = addresses.find(({ of }) => of === "attempts");
  return {
    keys: new Map(
      limits.filter(([, { requests, notifications }]) => requests !== null || notifications !== null),
    ),
    addressRequests: addresses.find(({ of }) => of === "requests")?.limit ?? null,
    attempts: development ? null : attempts === undefined ? DEFAULT_ATTEMPTS : attempts.limit,
    connections: rest.TIDINGS_CONNECTION_LIMIT ?? null,
  };
}

/** Undefined if it is no limit. */
function parseRateLimit(text: string): RateLimit | null | undefined {
  if (text.toLowerCase() === "off") return null;
  const [, rate, given] = /^(\d{1,7}(?:\.\d{1,2})?)(?::(\d{1,8}))?$/.exec(text) ?? [];
  const perSecond = Number(rate),
    burst = Number(given ?? Math.max(1, Math.ceil(perSecond * DEFAULT_SECONDS)));
  const isRate = perSecond >= MIN_PER_SECOND && perSecond <= MAX_PER_SECOND;
  return isRate && burst >= 1 && burst <= MAX_BURST ? { perSecond, burst } : undefined;
}

/** Two limits of the same thing would leave open which of them counts. */
function refuseTwins<T>(keyOf: (item: T) => string): (items: readonly T[], context: z.RefinementCtx) => void {
  return (items, context) => {
    const keys = items.map(keyOf);
    for (const [index, key] of keys.entries()) {
      const twin = keys.indexOf(key);
      if (twin === index) continue;
      context.addIssue({ code: "custom", path: [index], message: `item ${twin + 1} limits the same` });
    }
  };
}
