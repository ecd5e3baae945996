/** The schemas of push subscriptions: what a browser gives so that its push service can be sent to. */

import { z } from "zod";

const Endpoint = z.string().min(1).max(2_048)
  .describe("The URL of the browser at its push service, limited to 2,048 characters");

/** 16 bytes have two bits more in base64url, which are zero. */
const Auth = z.string().regex(/^[\w-]{21}[AQgw]$/, "must be 16 bytes in base64url")
  .describe("The secret that the browser shares with senders: 16 bytes in base64url");

/** 65 bytes, the first of which is 4, with two bits more. */
const PublicKey = z.string().regex(
  /^B[A-P][\w-]{84}[AEIMQUYcgkosw048]$/,
  "must be an uncompressed point of the curve P-256, 65 bytes in base64url",
).describe("The browser's public key: an uncompressed point of the curve P-256, in base64url");

export const BrowserKeys = z.strictObject({ p256dh: PublicKey, auth: Auth })
  .describe("The keys with which what a push carries is encrypted (RFC 8291)");

export const BrowserSubscription = z.strictObject({
  endpoint: Endpoint,
  expirationTime: z.number().nullable().optional()
    .describe(
      "Accepted, because browsers give it, and ignored: a push service says when a subscription has ended",
    ),
  keys: BrowserKeys,
}).describe("A subscription, as `PushSubscription.toJSON()` of the Push API gives it");
export type BrowserSubscription = z.infer<typeof BrowserSubscription>;

export const FormerSubscription = z.strictObject({ endpoint: Endpoint, auth: Auth })
  .describe("What proves that the caller is the browser that has subscribed");

/** The body with which a service worker replaces a subscription that its browser has renewed. */
export const RenewalRequest = z.strictObject({ old: FormerSubscription, subscription: BrowserSubscription })
  .describe("A subscription that takes the place of another one");
