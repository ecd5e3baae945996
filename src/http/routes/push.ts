/** `/v1/push`: the key with which browsers subscribe to Web Push, and the subscriptions of a target. */

import type { Context, Handler } from "hono";
import type { Config } from "../../config/config.ts";
import { endpointRule, type IsEndpointAllowed, serviceOf } from "../../push/push_services.ts";
import type { Subscriptions } from "../../push/subscriptions.ts";
import { Problem } from "../../wire/problem.ts";
import { parseAs, parseJson } from "../../wire/protocol.ts";
import { NO_PUSH } from "../../wire/push.ts";
import { BrowserSubscription, RenewalRequest } from "../../wire/push_subscription.ts";
import type { SubscriberEnv } from "../auth/admit.ts";
import { type CorsDeps, requireAllowedOrigin, setCorsHeaders } from "../auth/cors.ts";
import type { PublisherHandler } from "../auth/publisher.ts";
import { readSubscriberBody, type SubscriberBodyDeps } from "../auth/subscriber_body.ts";
import type { ChangeLimit } from "../change_limit.ts";
import { pathParam } from "../path_param.ts";
import { toKeys } from "../push_keys.ts";
import { orUnavailable } from "./or_unavailable.ts";

/** The parts of Web Push that the routes use. */
export interface PushParts {
  /** The public key of the service, in base64url. */
  readonly publicKey: string;
  readonly subscriptions: Pick<Subscriptions, "add" | "of" | "remove" | "renew">;
  readonly isEndpointAllowed: IsEndpointAllowed;
}

export interface PushDeps extends SubscriberBodyDeps {
  /** Null if Web Push is not configured. */
  readonly push: PushParts | null;
  readonly changes: ChangeLimit;
}

/** Returns null if Web Push is not configured. */
export function pushParts(
  { push, development }: Pick<Config, "push" | "development">,
  subscriptions: PushParts["subscriptions"],
): PushParts | null {
  if (push === null) return null;
  const { publicKey, origins } = push;
  const isEndpointAllowed = endpointRule({ origins, allowLoopback: development });
  return { publicKey, subscriptions, isEndpointAllowed };
}

const MAX_BYTES = 8 * 1024; // two endpoints and the keys of both take less than 5 KiB, and escapes a little more

/** `GET /v1/push/key`: for everyone, because it is no secret. */
export function pushKey(deps: Pick<PushDeps, "push"> & CorsDeps): Handler {
  return function pushKey(c) {
    setCorsHeaders(c, deps);
    const { publicKey } = configured(deps.push);
    return c.json({ key: publicKey }, 200, { "cache-control": "no-cache" });
  };
}

/**
 * `POST /v1/push/subscriptions`: behind `requireSubscriber`, refuses in this order: 501, 415, 413, 408, 400, 401, 422,
 * 429, 503. Keys on the curve take the most time, so they are checked after the 429.
 */
export function subscribe({ push, changes, ...deps }: PushDeps): Handler<SubscriberEnv> {
  return async function subscribe(c) {
    const { subscriptions, isEndpointAllowed } = configured(push), { target } = c.get("subscriber");
    const text = await readSubscriberBody(c, { ...deps, maxBytes: MAX_BYTES });
    const subscription = parseAs(BrowserSubscription, parseJson(text)), origin = originOf(c);
    const id = await changes.run(target, async () => {
      const keys = toKeys(subscription, { isEndpointAllowed, request: c.req.raw });
      return await stored(subscriptions.add({ ...keys, target, origin }));
    });
    return c.json({ id }, 201);
  };
}

/** `DELETE /v1/push/subscriptions/{id}`, behind `requireSubscriber`. */
export function unsubscribe({ push, changes }: PushDeps): Handler<SubscriberEnv> {
  return async function unsubscribe(c) {
    const { subscriptions } = configured(push), { target } = c.get("subscriber");
    const id = pathParam(c, "id");
    const wasThere = await changes.run(target, () => stored(subscriptions.remove(id, target)));
    if (!wasThere) throw new Problem("not-found", "the target has no push subscription with this id");
    return c.body(null, 204);
  };
}

/**
 * `POST /v1/push/subscriptions/renew`: a service worker calls it when its browser has replaced its subscription. It has
 * no token, so the endpoint and the secret of the old subscription prove who it is.
 */
export function renewSubscription(deps: PushDeps & CorsDeps): Handler {
  const { push, bodies, changes } = deps;
  return async function renewSubscription(c) {
    setCorsHeaders(c, deps);
    requireAllowedOrigin(c, null, deps);
    const { subscriptions, isEndpointAllowed } = configured(push);
    const text = await bodies.read(c.req.raw, { maxBytes: MAX_BYTES, caller: "subscriber", owner: "" });
    const { old, subscription } = parseAs(RenewalRequest, parseJson(text));
    const id = await changes.run(old.endpoint, async () => {
      const keys = toKeys(subscription, { isEndpointAllowed, request: c.req.raw, within: "subscription" });
      return await stored(subscriptions.renew(old, keys));
    });
    if (id === null) {
      throw new Problem("not-found", "there is no push subscription with this endpoint and secret");
    }
    return c.json({ id });
  };
}

/** `GET /v1/targets/{target}/push`: says how many devices a target has, and never where they are. */
export function countSubscriptions({ push }: Pick<PushDeps, "push">): PublisherHandler {
  return async function countSubscriptions(c) {
    const { subscriptions } = configured(push);
    const all = await stored(subscriptions.of(pathParam(c, "target")));
    const byService = Map.groupBy(all, ({ endpoint }) => serviceOf(endpoint));
    const services = Object.fromEntries(Array.from(byService, ([host, { length }]) => [host, length]));
    return c.json({ subscriptions: all.length, services });
  };
}

function configured(push: PushParts | null): PushParts {
  if (push === null) throw new Problem("not-here", NO_PUSH);
  return push;
}

/** The page's origin, which is allowed. Sandboxed pages have the origin `null`, which leads nowhere. */
function originOf(c: Context): string | null {
  const origin = c.req.header("origin") ?? "null";
  return origin === "null" ? null : origin;
}

/** Rejects with 503 if the store cannot be reached at the moment. */
function stored<T>(answer: Promise<T>): Promise<T> {
  return orUnavailable(answer, "the push subscriptions cannot be reached: repeat the request");
}
