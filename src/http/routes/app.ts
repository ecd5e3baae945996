/** The app: the route table, with who may call each route, and the responses to all other requests. */

import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import bellText from "../../client/bell.min.js" with { type: "text" };
import clientText from "../../client/client.min.js" with { type: "text" };
import inboxText from "../../client/inbox.min.js" with { type: "text" };
import pushText from "../../client/push.min.js" with { type: "text" };
import pushWorkerText from "../../client/push_worker.min.js" with { type: "text" };
import tabElectionText from "../../client/tab_election.min.js" with { type: "text" };
import { CONSOLE_SITE } from "../../pages/console_site.ts";
import { DEMO_SITE } from "../../pages/demo_site.ts";
import { DOCS_SITE } from "../../pages/docs_site.ts";
import { sharedSite } from "../../pages/shared_site.ts";
import { asyncapi } from "../../reference/asyncapi.ts";
import { openapi } from "../../reference/openapi.ts";
import { answerHead } from "../answer_head.ts";
import { checkFirst } from "../check_first.ts";
import { type AdmitDeps, requireNewSubscriber, requireSubscriber } from "../auth/admit.ts";
import { requireAuthority } from "../auth/authority.ts";
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
import { page } from "./page.ts";
import { addPublisherRoutes, type PublisherRoutesDeps } from "./publisher_routes.ts";
import { pushParts } from "./push.ts";
import { addPushRoutes } from "./push_routes.ts";
import { refusedRequest } from "./refused_request.ts";
import { received, type ReceivedDeps } from "./received.ts";
import { unmatched } from "./unmatched.ts";

/** The collaborators of the routes. */
export interface AppDeps extends PublisherRoutesDeps, Pick<ReceivedDeps, "receive"> {
  readonly admission: AdmitDeps["admission"];
  readonly sessions: ConnectDeps["sessions"] & EventsDeps["sessions"];
  readonly metrics: PublisherRoutesDeps["metrics"] & RefusalDeps["metrics"];
  readonly refusals: RefusalDeps["refusals"];
  /** False while the journal is known to be out of reach. */
  readonly isReachable: () => boolean;
  /** False while nothing can be published, although subscribers can still be served. */
  readonly isWritable: () => boolean;
}

/** Creates the app. It answers every error with a problem document (RFC 9457). */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono();
  const isOriginAllowed = originRule(deps.config);
  const keyring = new Keyring(deps.config.publisherKeys);
  addPublisherRoutes(app, { ...deps, keyring, isOriginAllowed });
  addSubscriberRoutes(app, { ...deps, isOriginAllowed });
  addPages(app, deps);
  addErrors(app, { ...deps, keyring });
  app.fetch = checkFirst(answerHead(app.fetch), {
    check: deps.config.development ? requireLocal({ isOriginAllowed }) : requireAuthority,
    refuse(error, { method, headers }) {
      const request = { method, route: "*", origin: headers.get("origin") ?? undefined, key: undefined };
      return problemResponse(recordRefusal(error, request, deps));
    },
  });
  return app;
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

function addErrors(app: Hono, deps: AppDeps & { readonly keyring: Keyring }): void {
  app.notFound(unmatched(app, (status) => deps.metrics.refused(status)));
  app.onError((error, c) => {
    const problem = recordRefusal(error, refusedRequest(c, deps.keyring), deps);
    // Unlike a new response, this one keeps the headers that the route has set, such as those of CORS.
    return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, problemHeaders(problem));
  });
}
