/** Checks what a browser gives to be sent pushes: where they would go to, and its key. */

import type { SubscriptionKeys } from "../push/subscriptions.ts";
import { Problem, type Violation } from "../wire/problem.ts";
import type { BrowserSubscription } from "../wire/push_subscription.ts";

/** What makes a subscription one that can be sent to. */
export interface PushRules {
  /** True if the URL is of a push service that the service may send to. */
  readonly isEndpointAllowed: (endpoint: string) => boolean;
  /** True if the text is a point of the curve P-256, in base64url. */
  readonly isValidKey: (p256dh: string) => boolean;
}

/**
 * Refuses what no push can be sent with when a browser subscribes, and not when the first push is due.
 *
 * @param options.within the path of the subscription in the body
 * @throws {Problem} `does-not-fit`
 */
export function toKeys(
  { endpoint, keys: { p256dh, auth } }: BrowserSubscription,
  { rules, request, within }: { rules: PushRules; request: Request; within?: string },
): SubscriptionKeys {
  const prefix = within === undefined ? "" : `${within}.`;
  const errors: Violation[] = [];
  if (!rules.isEndpointAllowed(endpoint) || isAtThisNode(endpoint, request)) {
    const message = "must be at a push service of a browser's vendor, or of TIDINGS_PUSH_ORIGINS";
    errors.push({ path: `${prefix}endpoint`, message });
  }
  if (!rules.isValidKey(p256dh)) {
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
