/** The app: the route table, with who may call each route, and the responses to all other requests. */

import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import bellText from "../../client/bell.min.js" with { type: "text" };
import clientText from "../../client/client.min.js" with { type: "text" };
import inboxText from "../../client/inbox.min.js" with { type: "text" };
import pushText from "../../client/push.min.js" with { type: "text" };
import pushWorkerText from "../../client/push_worker.min.js" with { type: "text" };
import tabElectionText from "../../client/tab_election.min.js" with { type: "text" };
import { DEMO_SITE } from "../../pages/demo_site.ts";
import { DOCS_SITE } from "../../pages/docs_site.ts";
import { sharedSite } from "../../pages/shared_site.ts";
import { type Site, withoutConsole } from "../../pages/site.ts";
import { asyncapi } from "../../reference/asyncapi.ts";
import { openapi } from "../../reference/openapi.ts";
import type { Revocations } from "../../revocation/revocations.ts";
import { answerHead } from "../answer_head.ts";
import { checkFirst } from "../check_first.ts";
import { exchangeOf } from "../exchange.ts";
import { type AdmitDeps, requireNewSubscriber, requireSubscriber } from "../auth/admit.ts";
import { requireAuthority } from "../auth/authority.ts";
import { refuseRevoked } from "../auth/refuse_revoked.ts";
import { preflight } from "../auth/cors.ts";
import { requireLocal } from "../auth/local_only.ts";
import { type IsOriginAllowed, originRule } from "../auth/origin.ts";
import { Keyring } from "../auth/keyring.ts";
import { identifyByToken, identifyByTokenOrTarget } from "../auth/subscriber.ts";
import { createTokenVerifier } from "../auth/token_verifier.ts";
import { problemHeaders, problemResponse } from "../problem_response.ts";
import { recordRefusal, type RefusalDeps } from "../record_refusal.ts";
import { apiDocument, apiDocumentPreflight } from "./api_document.ts";
import { clientScript } from "./client_script.ts";
import { connect, type ConnectDeps } from "./connect.ts";
import { events, type EventsDeps } from "./events.ts";
import { healthz, readyz } from "./health.ts";
import { inbox } from "./inbox.ts";
import { addOperatorRoutes } from "./operator_routes.ts";
import { page } from "./page.ts";
import { addPublisherRoutes, type PublisherRoutesDeps } from "./publisher_routes.ts";
import { pushParts } from "./push.ts";
import { addPushRoutes } from "./push_routes.ts";
import { RouteLimits, type RouteLimitsDeps } from "./route_limits.ts";
import { endedRequest } from "./refused_request.ts";
import { received, type ReceivedDeps } from "./received.ts";
import { unmatched } from "./unmatched.ts";

/** The collaborators of the routes. */
export interface AppDeps extends PublisherRoutesDeps, Pick<ReceivedDeps, "receive"> {
  readonly admission: AdmitDeps["admission"];
  readonly sessions: ConnectDeps["sessions"] & EventsDeps["sessions"];
  readonly metrics: PublisherRoutesDeps["metrics"] & RefusalDeps["metrics"];
  readonly refusals: RefusalDeps["refusals"];
  readonly quotas: RouteLimitsDeps["quotas"];
  readonly revocations: PublisherRoutesDeps["revocations"] & Pick<Revocations, "isCurrent">;
  /** False while the journal is known to be out of reach. */
  readonly isReachable: () => boolean;
  /** False while nothing can be published, although subscribers can still be served. */
  readonly isWritable: () => boolean;
}

/** The app of each port. They answer every error with a problem document (RFC 9457). */
export interface Apps {
  readonly app: Hono;
  /** The app of the port for operators. Null if there is none, so that `app` has all routes. */
  readonly admin: Hono | null;
}

/** Creates the app, and with `TIDINGS_ADMIN_PORT` a second one, to which the routes for operators move. */
export function createApp(allDeps: AppDeps): Apps {
  const { config } = allDeps, isOriginAllowed = originRule(config);
  const limits = new RouteLimits({ ...allDeps, isOriginAllowed });
  const deps = { ...allDeps, isOriginAllowed, limits, keyring: new Keyring(config.publisherKeys) };
  const app = new Hono();
  limits.addTo(app);
  addPublisherRoutes(app, deps);
  addPages(app, deps);
  const admin = config.admin === null ? null : new Hono().route("/", app); // the console uses what publishers do
  addOperatorRoutes(admin ?? app, deps);
  addSubscriberRoutes(app, deps);
  for (const one of admin === null ? [app] : [app, admin]) addErrorsAndChecks(one, deps);
  return { app, admin };
}

/** What an app does before it looks for a route, and when it finds none or a route fails. */
function addErrorsAndChecks(
  app: Hono,
  deps: AppDeps & RouteLimitsDeps & { readonly keyring: Keyring; readonly limits: RouteLimits },
): void {
  const { config, limits, isOriginAllowed } = deps;
  addErrors(app, deps);
  app.fetch = checkFirst(answerHead(limits.wrap(app.fetch)), {
    check: config.development ? requireLocal({ isOriginAllowed }) : requireAuthority,
    refuse(error, { method, headers }, env) {
      const origin = headers.get("origin") ?? undefined;
      const request = { method, route: "*", origin, key: undefined, exchange: exchangeOf(env) };
      return problemResponse(recordRefusal(error, request, deps));
    },
  });
}

function addSubscriberRoutes(app: Hono, deps: AppDeps & { readonly isOriginAllowed: IsOriginAllowed }): void {
  const { config } = deps;
  const verify = refuseRevoked(createTokenVerifier(config.tokens), deps.revocations);
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
  if (config.demo) addSite(app, config.admin === null ? DEMO_SITE : withoutConsole(DEMO_SITE));
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
  addSite(app, sharedSite({ needsKey: !config.development }));
  addSite(app, config.admin === null ? DOCS_SITE : withoutConsole(DOCS_SITE));
  for (const [path, create] of [["/openapi.json", openapi], ["/asyncapi.json", asyncapi]] as const) {
    app.get(path, apiDocument(create));
    app.options(path, apiDocumentPreflight());
  }
}

function addSite(app: Hono, site: Site): void {
  for (const [path, file] of Object.entries(site)) app.get(path, page(file));
}

function addErrors(
  app: Hono,
  deps: AppDeps & { readonly keyring: Keyring; readonly limits: RouteLimits },
): void {
  app.notFound(unmatched(app, (status) => deps.metrics.refused(status)));
  app.onError((error, c) => {
    const problem = recordRefusal(deps.limits.judge(error, c), endedRequest(c, deps.keyring), deps);
    // Unlike a new response, this one keeps the headers that the route has set, such as those of CORS.
    return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, problemHeaders(problem));
  });
}
