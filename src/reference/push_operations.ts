/** The operations with which browsers subscribe to Web Push, and with which publishers count the devices of a target. */

import { Id } from "../wire/names.ts";
import { BrowserSubscription, RenewalRequest } from "../wire/push_subscription.ts";
import { AUTH, ENDPOINT, P256DH, SUBSCRIPTION_ID, VAPID_KEY } from "./examples.ts";
import { BODY_PROBLEMS, type Operation, TARGET } from "./operation.ts";
import { PushKey, PushSubscribers, SubscriptionId } from "./responses.ts";

const SUBSCRIPTION = { endpoint: ENDPOINT, expirationTime: null, keys: { p256dh: P256DH, auth: AUTH } };
const STORED = { schema: SubscriptionId, example: { id: SUBSCRIPTION_ID } };

const PUSH_KEY: Operation = {
  method: "get",
  path: "/v1/push/key",
  id: "readPushKey",
  caller: "anyone",
  summary: "Read the key with which browsers subscribe to Web Push",
  description:
    "It is `applicationServerKey` of `PushManager.subscribe()`. It is public, and the same on all nodes.",
  responses: [{ status: 200, description: "The key", schema: PushKey, example: { key: VAPID_KEY } }],
  problems: ["bad-request", "not-here"],
};

const SUBSCRIBE: Operation = {
  method: "post",
  path: "/v1/push/subscriptions",
  id: "subscribeToPush",
  caller: "subscriber",
  summary: "Subscribe a browser to the pushes of its user",
  description:
    `The body is what \`PushSubscription.toJSON()\` returns. An endpoint belongs to one target: the latest one that it was
posted for. A target has at most ten subscriptions, and the oldest makes room. The endpoint has to be at a push service
of a browser's vendor, or of \`TIDINGS_PUSH_ORIGINS\`. A body is limited to 8 KiB.`,
  body: { schema: BrowserSubscription, examples: { "Of a browser": SUBSCRIPTION } },
  responses: [{ status: 201, description: "The subscription is stored", ...STORED }],
  problems: [
    "not-authorized",
    "revoked",
    "origin-not-allowed",
    ...BODY_PROBLEMS,
    "too-many-requests",
    "not-here",
  ],
};

const UNSUBSCRIBE: Operation = {
  method: "delete",
  path: "/v1/push/subscriptions/{id}",
  id: "unsubscribeFromPush",
  caller: "subscriber",
  summary: "Remove a subscription of the user",
  description: "For a user who signs out, or who wants no pushes any more.",
  parameters: [{
    in: "path",
    name: "id",
    description: "Of the subscription",
    schema: Id,
    example: SUBSCRIPTION_ID,
  }],
  responses: [{ status: 204, description: "The subscription is removed" }],
  problems: [
    ...["bad-request", "not-authorized", "revoked", "origin-not-allowed", "not-found"] as const,
    ...["too-many-requests", "not-here", "unavailable"] as const,
  ],
};

const RENEW: Operation = {
  method: "post",
  path: "/v1/push/subscriptions/renew",
  id: "renewPushSubscription",
  caller: "anyone",
  summary: "Replace a subscription that the browser has renewed",
  description:
    `For the event \`pushsubscriptionchange\` of a service worker, which has no token. Whoever knows the endpoint and the
secret of a subscription may replace it; the target stays the same. A body is limited to 8 KiB.`,
  body: {
    schema: RenewalRequest,
    examples: {
      "By a service worker": { old: { endpoint: `${ENDPOINT}-old`, auth: AUTH }, subscription: SUBSCRIPTION },
    },
  },
  responses: [{ status: 200, description: "The subscription is replaced", ...STORED }],
  problems: ["origin-not-allowed", "not-found", ...BODY_PROBLEMS, "too-many-requests", "not-here"],
};

/** For publishers. */
export const COUNT_PUSH_SUBSCRIPTIONS: Operation = {
  method: "get",
  path: "/v1/targets/{target}/push",
  id: "countPushSubscriptions",
  caller: "publisher",
  scope: "read",
  summary: "Count the devices of a target that have subscribed to Web Push",
  description:
    "In all, and by the host of their push service. Where the devices are, and their keys, stay secret.",
  parameters: [TARGET],
  responses: [{
    status: 200,
    description: "The counts",
    schema: PushSubscribers,
    example: { subscriptions: 3, services: { "fcm.googleapis.com": 2, "web.push.apple.com": 1 } },
  }],
  problems: ["bad-request", "not-authorized", "not-here", "unavailable"],
};

export const PUSH_OPERATIONS: readonly Operation[] = [PUSH_KEY, SUBSCRIBE, UNSUBSCRIBE, RENEW];
