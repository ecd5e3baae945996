/** Checks what a browser gives to be sent pushes: where they would go to, and its key. */

import type { IsEndpointAllowed } from "../push/push_services.ts";
import { isValidKey } from "../push/subscription_keys.ts";
import type { SubscriptionKeys } from "../push/subscriptions.ts";
import { Problem, type Violation } from "../wire/problem.ts";
import type { BrowserSubscription } from "../wire/push_subscription.ts";

/**
 * Refuses what no push can be sent with when a browser subscribes, and not when the first push is due.
 *
 * @param options.within the path of the subscription in the body
 * @throws {Problem} `does-not-fit`
 */
export function toKeys(
  { endpoint, keys: { p256dh, auth } }: BrowserSubscription,
  { isEndpointAllowed, request, within }: {
    isEndpointAllowed: IsEndpointAllowed;
    request: Request;
    within?: string;
  },
): SubscriptionKeys {
  const prefix = within === undefined ? "" : `${within}.`;
  const errors: Violation[] = [];
  if (!isEndpointAllowed(endpoint) || isAtThisNode(endpoint, request)) {
    const message = "must be at a push service of a browser's vendor, or of TIDINGS_PUSH_ORIGINS";
    errors.push({ path: `${prefix}endpoint`, message });
  }
  if (!isValidKey(p256dh)) {
    errors.push({ path: `${prefix}keys.p256dh`, message: "must be a point of the curve P-256" });
  }
  const [first] = errors;
  if (first === undefined) return { endpoint, p256dh, auth };
  throw new Problem("does-not-fit", `${first.path}: ${first.message}`, { errors });
}

/** In development mode, push services on this machine are allowed, and this service is not one of them. */
function isAtThisNode(endpoint: string, { url }: Request): boolean {
  const { protocol, port } = new URL(endpoint);
  return protocol === "http:" && port === new URL(url).port;
}
