/** The part of the route table for operators, which `TIDINGS_ADMIN_PORT` moves to a port of its own. */

import type { Hono } from "hono";
import { CONSOLE_SITE } from "../../pages/console_site.ts";
import type { Keyring } from "../auth/keyring.ts";
import { authorizeAnyone, authorizeByKey, requirePublisher } from "../auth/publisher.ts";
import { MetricsBroadcast } from "../metrics_broadcast.ts";
import { consoleEvents } from "./console_events.ts";
import { metrics } from "./metrics.ts";
import { page } from "./page.ts";
import type { PublisherRoutesDeps } from "./publisher_routes.ts";
import type { RouteLimits } from "./route_limits.ts";

export function addOperatorRoutes(
  app: Hono,
  deps: PublisherRoutesDeps & { readonly keyring: Keyring; readonly limits: RouteLimits },
): void {
  const authorize = deps.config.development ? authorizeAnyone() : authorizeByKey(deps);
  const publisher = requirePublisher(deps.limits.authorize(authorize));
  const broadcast = new MetricsBroadcast({ ...deps, everyMs: deps.snapshotMs });
  app.get("/metrics", publisher("read", metrics(deps.readMetrics)));
  app.get("/console/events", publisher("read", consoleEvents({ ...deps, broadcast })));
  for (const [path, file] of Object.entries(CONSOLE_SITE)) app.get(path, page(file));
}
