/** The part of the route table that subscribers use for Web Push. */

import type { Hono } from "hono";
import { requireSubscriber, type SubscriberDeps } from "../auth/admit.ts";
import { preflight } from "../auth/cors.ts";
import { ChangeLimit } from "../change_limit.ts";
import { type PushDeps, pushKey, renewSubscription, subscribe, unsubscribe } from "./push.ts";

const HEADERS = { headers: ["authorization", "content-type"] };

export function addPushRoutes(app: Hono, deps: Omit<PushDeps, "changes"> & SubscriberDeps): void {
  const subscriber = requireSubscriber(deps), pushDeps = { ...deps, changes: new ChangeLimit() };
  app.get("/v1/push/key", pushKey(deps));
  app.options("/v1/push/key", preflight(deps, HEADERS));
  app.post("/v1/push/subscriptions", subscriber, subscribe(pushDeps));
  app.options("/v1/push/subscriptions", preflight(deps, HEADERS));
  app.post("/v1/push/subscriptions/renew", renewSubscription(pushDeps));
  app.options("/v1/push/subscriptions/renew", preflight(deps, HEADERS));
  app.delete("/v1/push/subscriptions/:id", subscriber, unsubscribe(pushDeps));
  app.options("/v1/push/subscriptions/:id", preflight(deps, { ...HEADERS, methods: ["DELETE"] }));
}
