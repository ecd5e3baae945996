/** The routes, and what is answered where there are none. */

import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import clientText from "../client/client.min.js" with { type: "text" };
import type { Config } from "../config/config.ts";
import type { Journal } from "../journal/journal.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Nodes } from "../cluster/nodes.ts";
import { CONSOLE_SITE } from "../pages/console_site.ts";
import { DEMO_SITE } from "../pages/demo_site.ts";
import { DOCS_SITE } from "../pages/docs_site.ts";
import { sharedSite } from "../pages/shared_site.ts";
import { Problem } from "../wire/problem.ts";
import { AckWaits } from "./ack_waits.ts";
import { clientScript } from "./routes/client_script.ts";
import { connect, type ConnectDeps } from "./routes/connect.ts";
import { consoleEvents } from "./routes/console_events.ts";
import { preflight } from "./auth/cors.ts";
import { deliveryReport } from "./routes/delivery_report.ts";
import { disconnect } from "./routes/disconnect.ts";
import { events, type EventsDeps } from "./routes/events.ts";
import { healthz, readyz } from "./routes/health.ts";
import { keptNotifications } from "./routes/kept_notifications.ts";
import { metrics } from "./routes/metrics.ts";
import { notify, type TakeNotifications } from "./routes/notify.ts";
import { listedOrigin, sameHost } from "./auth/origin.ts";
import { page } from "./routes/page.ts";
import { byAnyone, byKey } from "./auth/publisher.ts";
import { received, type ReceivedDeps } from "./routes/received.ts";
import { byToken, byTokenOrName } from "./auth/subscriber.ts";
import { target } from "./routes/target.ts";
import { tokenVerifier } from "./auth/token_verifier.ts";
import { tokens } from "./routes/tokens.ts";
import { MetricsBroadcast } from "./metrics_broadcast.ts";

/** What the routes need of the rest of the service. */
export interface AppDeps
  extends
    Pick<ConnectDeps, "admission" | "attend">,
    Pick<EventsDeps, "stream">,
    Pick<ReceivedDeps, "receive"> {
  readonly config: Config;
  readonly take: TakeNotifications;
  readonly nodes: Nodes;
  readonly journal: Pick<Journal, "read">;
  readonly metrics: RequestMetrics;
  /** How often the console is told the metrics. */
  readonly watchMs: number;
  readonly isDraining: () => boolean;
  /** The journal, as far as is known. */
  readonly isReachable: () => boolean;
  /** Aborts when the service begins to stop. */
  readonly stopping: AbortSignal;
  /** Told of failures that are not the request's. */
  readonly report: (error: unknown) => void;
}

/** What is measured of requests, and what can be read of everything that is. */
export interface RequestMetrics {
  read(): Promise<Metrics>;
  /** A request was answered with a problem of this status. */
  refused(status: number): void;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Whatever goes wrong is answered with a problem document (RFC 9457). */
export function createApp(parts: AppDeps): Hono {
  const { config, take, nodes, stopping, report, watchMs } = parts;
  const authorize = config.development ? byAnyone() : byKey(config.publisherKeyDigests);
  const verify = tokenVerifier(config.tokens);
  const connecting = {
    ...parts,
    identify: config.development ? byTokenOrName(verify) : byToken(verify),
    isOriginAllowed: config.allowedOrigins === null ? sameHost() : listedOrigin(config.allowedOrigins),
  };
  const watch = new MetricsBroadcast({ nodes, everyMs: watchMs, report, stopping });
  const app = new Hono();
  app.post("/v1/notify", notify({ authorize, take, waits: new AckWaits(nodes, stopping) }));
  app.get("/v1/notifications/:id", deliveryReport(authorize, nodes));
  app.get("/v1/targets/:target", target(authorize, nodes));
  app.get("/v1/targets/:target/notifications", keptNotifications(authorize, parts));
  app.delete("/v1/targets/:target/connections", disconnect(authorize, nodes));
  app.get("/v1/connect", connect(connecting));
  app.options("/v1/connect", preflight(connecting, ["authorization"]));
  app.get("/v1/events", events(connecting));
  app.options("/v1/events", preflight(connecting, ["authorization", "last-event-id"]));
  app.post("/v1/received", received(connecting));
  app.options("/v1/received", preflight(connecting, ["authorization", "content-type"]));
  app.post("/v1/tokens", tokens(authorize, config.tokens));
  app.get("/healthz", healthz());
  app.get("/readyz", readyz(parts));
  app.get("/client.js", clientScript(clientText, connecting));
  app.get("/metrics", metrics(authorize, { read: () => parts.metrics.read() }));
  app.get("/console/events", consoleEvents(authorize, { ...parts, watch }));
  const sites = {
    ...sharedSite({ needsKey: !config.development }),
    ...CONSOLE_SITE,
    ...DOCS_SITE,
    ...(config.demo && DEMO_SITE),
  };
  for (const [path, file] of Object.entries(sites)) app.get(path, page(file));
  function answer(c: Context, problem: Problem): Response {
    parts.metrics.refused(problem.status);
    return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, {
      "content-type": "application/problem+json",
      ...problem.headers,
    });
  }
  app.notFound((c) => answer(c, absence(app, c)));
  app.onError((error, c) => {
    const problem = error instanceof Problem
      ? error
      : new Problem("broken", "it was logged", { cause: error });
    if (problem.status >= 500 && problem.cause !== undefined) report(problem.cause);
    return answer(c, problem);
  });
  return app;
}

/** Nothing is there, or only for other methods. */
function absence(app: Hono, c: Context): Problem {
  const here = METHODS.filter((method) => app.router.match(method, c.req.path)[0].length > 0);
  if (here.length === 0) return new Problem("not-found", `${c.req.path} is not a resource of this service`);
  const allow = (here.includes("GET") ? ["HEAD", ...here] : here).join(", ");
  return new Problem("method-not-allowed", `${c.req.path} is for ${allow}`, { headers: { allow } });
}
