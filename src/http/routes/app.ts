/** The app: the route table, with who may call each route, and the responses to all other requests. */

import { Hono } from "hono";
import { routePath } from "hono/route";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import bellText from "../../client/bell.min.js" with { type: "text" };
import clientText from "../../client/client.min.js" with { type: "text" };
import inboxText from "../../client/inbox.min.js" with { type: "text" };
import pushText from "../../client/push.min.js" with { type: "text" };
import pushWorkerText from "../../client/push_worker.min.js" with { type: "text" };
import tabElectionText from "../../client/tab_election.min.js" with { type: "text" };
import type { Nodes } from "../../cluster/nodes.ts";
import type { Config } from "../../config/config.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { CONSOLE_SITE } from "../../pages/console_site.ts";
import { DEMO_SITE } from "../../pages/demo_site.ts";
import { DOCS_SITE } from "../../pages/docs_site.ts";
import { sharedSite } from "../../pages/shared_site.ts";
import { asyncapi } from "../../reference/asyncapi.ts";
import { openapi } from "../../reference/openapi.ts";
import { answerHead } from "../answer_head.ts";
import { AckWaits } from "../ack_waits.ts";
import { checkFirst } from "../check_first.ts";
import { type AdmitDeps, requireNewSubscriber, requireSubscriber } from "../auth/admit.ts";
import { requireAuthority } from "../auth/authority.ts";
import { preflight } from "../auth/cors.ts";
import { requireLocal } from "../auth/local_only.ts";
import { type IsOriginAllowed, originRule } from "../auth/origin.ts";
import { authorizePublishers, requirePublisher } from "../auth/publisher.ts";
import { IN_HEADER_OR_PASSWORD_OF_SNS, IN_HEADER_OR_SUBPROTOCOL } from "../auth/publisher_key.ts";
import { identifyByToken, identifyByTokenOrTarget } from "../auth/subscriber.ts";
import { createTokenVerifier } from "../auth/token_verifier.ts";
import { MetricsBroadcast } from "../metrics_broadcast.ts";
import { problemHeaders, problemResponse } from "../problem_response.ts";
import { recordRefusal, type RefusalDeps, type RefusedRequest } from "../record_refusal.ts";
import { apiDocument, apiDocumentPreflight } from "./api_document.ts";
import { clientScript } from "./client_script.ts";
import { connect, type ConnectDeps } from "./connect.ts";
import { consoleEvents } from "./console_events.ts";
import { events, type EventsDeps } from "./events.ts";
import { healthz, readyz } from "./health.ts";
import { inbox } from "./inbox.ts";
import { metrics } from "./metrics.ts";
import { cancelNotification, deliveryReport, type NotificationsDeps } from "./notifications.ts";
import { notify, type NotifyDeps } from "./notify.ts";
import { page } from "./page.ts";
import { publishSocket, type PublishSocketDeps } from "./publish_socket.ts";
import { countSubscriptions, type PushParts, pushParts } from "./push.ts";
import { addPushRoutes } from "./push_routes.ts";
import { received, type ReceivedDeps } from "./received.ts";
import { addRpcRoutes, type RpcDeps } from "./rpc.ts";
import {
  closeConnections,
  listConnections,
  listNotifications,
  markAsRead,
  type MarkAsReadDeps,
} from "./targets.ts";
import { tokens } from "./tokens.ts";
import { unmatched } from "./unmatched.ts";
import { webhookConsent } from "./webhook_consent.ts";

/** The collaborators of the routes. */
export interface AppDeps
  extends
    Pick<NotifyDeps, "streams" | "onSubscription">,
    Pick<RpcDeps, "bodies">,
    Pick<ReceivedDeps, "receive"> {
  readonly config: Config;
  readonly admission: AdmitDeps["admission"];
  readonly sessions: ConnectDeps["sessions"] & EventsDeps["sessions"];
  readonly publishers: PublishSocketDeps["publishers"];
  readonly nodes: Nodes;
  readonly intakes: NotifyDeps["intakes"] & MarkAsReadDeps["intakes"];
  readonly journal: Pick<Journal, "read" | "inbox">;
  readonly schedule: NotificationsDeps["schedule"];
  readonly subscriptions: PushParts["subscriptions"];
  readonly metrics: RefusalDeps["metrics"] & { read(): Promise<Metrics> };
  readonly refusals: RefusalDeps["refusals"];
  /** The interval at which consoles receive the metrics. */
  readonly snapshotMs: number;
  readonly isDraining: () => boolean;
  /** False while the journal is known to be out of reach. */
  readonly isReachable: () => boolean;
  /** True while the process has so little memory left that it takes no new connections. */
  readonly isShortOfMemory: () => boolean;
  /** False while nothing can be published, although subscribers can still be served. */
  readonly isWritable: () => boolean;
  /** Aborts when the service begins to stop. */
  readonly stopping: AbortSignal;
  /** Called with errors that the request has not caused. */
  readonly report: (error: unknown) => void;
}

/** Creates the app. It answers every error with a problem document (RFC 9457). */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono();
  const isOriginAllowed = originRule(deps.config);
  addPublisherRoutes(app, deps);
  addPublisherSocket(app, { ...deps, isOriginAllowed });
  addSubscriberRoutes(app, { ...deps, isOriginAllowed });
  addPages(app, deps);
  addErrors(app, deps);
  app.fetch = checkFirst(answerHead(app.fetch), {
    check: deps.config.development ? requireLocal({ isOriginAllowed }) : requireAuthority,
    refuse: (error, request) => problemResponse(recordRefusal(error, requestOf(request, "*"), deps)),
  });
  return app;
}

function addPublisherRoutes(app: Hono, deps: AppDeps): void {
  const { config, nodes, stopping, report, snapshotMs } = deps;
  const authorize = authorizePublishers(config), publisher = requirePublisher(authorize);
  const source = requirePublisher(authorizePublishers(config, IN_HEADER_OR_PASSWORD_OF_SNS));
  const broadcast = new MetricsBroadcast({ nodes, everyMs: snapshotMs, report, stopping });
  app.post("/v1/notify", source(notify({ ...deps, waits: new AckWaits(nodes, stopping) })));
  app.options("/v1/notify", webhookConsent());
  addRpcRoutes(app, { ...deps, authorize });
  app.get("/v1/notifications/:id", publisher(deliveryReport(deps)));
  app.delete("/v1/notifications/:id", publisher(cancelNotification(deps)));
  app.get("/v1/targets/:target", publisher(listConnections(nodes)));
  app.get("/v1/targets/:target/notifications", publisher(listNotifications(deps)));
  app.post("/v1/targets/:target/read", publisher(markAsRead(deps)));
  app.get(
    "/v1/targets/:target/push",
    publisher(countSubscriptions({ push: pushParts(config, deps.subscriptions) })),
  );
  app.delete("/v1/targets/:target/connections", publisher(closeConnections(nodes)));
  app.post("/v1/tokens", publisher(tokens(config.tokens, deps.bodies)));
  app.get("/metrics", publisher(metrics(deps.metrics)));
  app.get("/console/events", publisher(consoleEvents({ ...deps, broadcast })));
}

function addPublisherSocket(app: Hono, deps: AppDeps & { readonly isOriginAllowed: IsOriginAllowed }): void {
  const authorize = authorizePublishers(deps.config, IN_HEADER_OR_SUBPROTOCOL);
  app.get("/v1/publish", publishSocket({ ...deps, authorize }));
  app.options("/v1/publish", preflight(deps, { headers: ["authorization"] }));
}

function addSubscriberRoutes(app: Hono, deps: AppDeps & { readonly isOriginAllowed: IsOriginAllowed }): void {
  const { config } = deps;
  const verify = createTokenVerifier(config.tokens);
  const admit = {
    ...deps,
    identify: config.development ? identifyByTokenOrTarget(verify) : identifyByToken(verify),
  };
  const subscriber = requireSubscriber(admit), newSubscriber = requireNewSubscriber(admit);
  app.get("/v1/connect", newSubscriber, connect(admit));
  app.options("/v1/connect", preflight(admit, { headers: ["authorization"] }));
  app.get("/v1/events", newSubscriber, events(admit));
  app.options("/v1/events", preflight(admit, { headers: ["authorization", "last-event-id"] }));
  app.post("/v1/received", subscriber, received(deps));
  app.options("/v1/received", preflight(admit, { headers: ["authorization", "content-type"] }));
  app.get("/v1/inbox", subscriber, inbox(deps));
  app.options("/v1/inbox", preflight(admit, { headers: ["authorization"] }));
  addPushRoutes(app, { ...admit, push: pushParts(config, deps.subscriptions) });
  app.get("/bell.js", clientScript(bellText, admit));
  app.get("/client.js", clientScript(clientText, admit));
  app.get("/inbox.js", clientScript(inboxText, admit));
  app.get("/push.js", clientScript(pushText, admit));
  app.get("/push_worker.js", clientScript(pushWorkerText, admit));
  app.get("/tab_election.js", clientScript(tabElectionText, admit));
}

function addPages(app: Hono, deps: AppDeps): void {
  const { config } = deps;
  app.get("/healthz", healthz());
  app.get("/readyz", readyz(deps));
  const sites = {
    ...sharedSite({ needsKey: !config.development }),
    ...CONSOLE_SITE,
    ...DOCS_SITE,
    ...(config.demo && DEMO_SITE),
  };
  for (const [path, file] of Object.entries(sites)) app.get(path, page(file));
  for (const [path, create] of [["/openapi.json", openapi], ["/asyncapi.json", asyncapi]] as const) {
    app.get(path, apiDocument(create));
    app.options(path, apiDocumentPreflight());
  }
}

function addErrors(app: Hono, deps: AppDeps): void {
  app.notFound(unmatched(app, (status) => deps.metrics.refused(status)));
  app.onError((error, c) => {
    const problem = recordRefusal(error, requestOf(c.req.raw, routePath(c)), deps);
    // Unlike a new response, this one keeps the headers that the route has set, such as those of CORS.
    return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, problemHeaders(problem));
  });
}

function requestOf({ method, headers }: Request, route: string): RefusedRequest {
  return { method, route, origin: headers.get("origin") ?? undefined };
}
