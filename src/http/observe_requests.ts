/** Observes requests: each has its line in the access log, and its span the name of its route. */

import type { Fetch } from "./answer_head.ts";
import { Exchange } from "./exchange.ts";
import { clientAddress } from "./client_address.ts";
import { givenRequestId } from "./request_id.ts";
import { RoutePatterns } from "./route_patterns.ts";
import { type TrustedProxies, trustProxies } from "./trusted_proxies.ts";

export interface RequestTracing {
  /** Has a request answered within a span that is named after its route. */
  answer(
    request: {
      readonly request: Request;
      readonly route: string | undefined;
      readonly isConnection: boolean;
    },
    answer: () => Response | Promise<Response>,
  ): Response | Promise<Response>;
  /** The span of the current request, as a `traceparent`. */
  currentSpan(): string | undefined;
}

export interface ObserveDeps {
  /** Null: no spans are recorded. */
  readonly tracing: RequestTracing | null;
  /** Null: there is no access log. */
  readonly accessLog: { answered(exchange: Exchange, status: number): void } | null;
  readonly config: { readonly trustedProxies: readonly string[] };
}

type Handler = Deno.ServeHandler<Deno.NetAddr>;

/** What goes on after the answer to these requests belongs to no trace, or to others. */
const CONNECTIONS: ReadonlySet<string | undefined> = new Set([
  ...["/v1/connect", "/v1/events", "/v1/publish", "/console/events"],
]);

/** Without tracing and without an access log, it returns the app's own function. */
export function observeRequests(
  { fetch, routes }: { readonly fetch: Fetch; readonly routes: readonly { readonly path: string }[] },
  { tracing, accessLog, config }: ObserveDeps,
): Handler {
  const patterns = new RoutePatterns(routes.map(({ path }) => path));
  const answer = accessLog === null
    ? fetch
    : logging(fetch, { patterns, tracing, accessLog, trusted: trustProxies(config.trustedProxies) });
  if (tracing === null) return answer;
  return function answerInSpan(request, info) {
    const route = patterns.find(request.url), isConnection = CONNECTIONS.has(route);
    return tracing.answer({ request, route, isConnection }, () => answer(request, info));
  };
}

/** A WebSocket and a stream have their line when they begin. */
function logging(
  fetch: Fetch,
  { patterns, tracing, accessLog, trusted }: {
    patterns: RoutePatterns;
    trusted: TrustedProxies;
    tracing: RequestTracing | null;
    accessLog: NonNullable<ObserveDeps["accessLog"]>;
  },
): Handler {
  function end(exchange: Exchange, response: Response): Response {
    accessLog.answered(exchange, response.status);
    exchange.sendId(response);
    return response;
  }
  return function answerAndLog(request, info) {
    const exchange = new Exchange({
      method: request.method,
      route: patterns.find(request.url),
      givenId: givenRequestId(request.headers),
      client: clientAddress({ headers: request.headers, peer: info.remoteAddr.hostname }, trusted),
      traceId: tracing?.currentSpan()?.slice(3, 35),
      info,
    });
    const answer = fetch(request, exchange);
    return answer instanceof Promise
      ? answer.then((response) => end(exchange, response))
      : end(exchange, answer);
  };
}
