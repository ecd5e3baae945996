/** What identifies a push subscription: its id, which is derived from its endpoint, and all that it says. */

import { createHash } from "node:crypto";
import type { NewSubscription } from "./subscriptions.ts";

/**
 * Returns 22 characters of base64url, 132 bits of SHA-256.
 *
 * ```ts
 * import { assertMatch } from "@std/assert";
 * assertMatch(subscriptionId("https://push.example/1"), /^[\w-]{22}$/);
 * ```
 */
export function subscriptionId(endpoint: string): string {
  return createHash("sha256").update(endpoint).digest("base64url").slice(0, 22);
}

/** True if the text may be the id of a subscription. */
export function isSubscriptionId(text: string): boolean {
  return /^[\w-]{22}$/.test(text);
}

/** True if both have the same endpoint and keys, and belong to the same target and site. */
export function isSameSubscription(one: NewSubscription, other: NewSubscription): boolean {
  return one.endpoint === other.endpoint && one.p256dh === other.p256dh && one.auth === other.auth &&
    one.target === other.target && one.origin === other.origin;
}
