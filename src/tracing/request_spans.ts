/** The spans of requests, which Deno records: gives them the name of their route, and removes what they must not show. */

import { context, ROOT_CONTEXT, type Span, trace } from "@opentelemetry/api";

/** The route of a request, as far as its span shows it. */
export interface SpanRoute {
  /** The pattern of the path, for example `/v1/targets/:target`. Undefined: no route has the path. */
  readonly route: string | undefined;
  /** True if the request becomes a connection, whose later work belongs to other traces. */
  readonly isConnection: boolean;
}

const METHODS: ReadonlySet<string> = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);
const REDACTED = "REDACTED";

/**
 * Has a request answered within its span. Deno gives the span the whole URL, whose path can contain a target, and whose
 * query a token. Attributes that are set again replace those.
 *
 * @param answer is called at once
 */
export function inRequestSpan<T>(request: Request, { route, isConnection }: SpanRoute, answer: () => T): T {
  const span = trace.getActiveSpan();
  if (span !== undefined) describe(span, request, route);
  return isConnection ? context.with(ROOT_CONTEXT, answer) : answer();
}

/** The id of the trace that the current request belongs to. Undefined if there is none. */
export function currentTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}

function describe(span: Span, request: Request, route: string | undefined): void {
  const method = METHODS.has(request.method) ? request.method : "HTTP";
  span.updateName(route === undefined ? method : `${method} ${route}`);
  const { origin, search } = new URL(request.url), path = route ?? `/${REDACTED}`;
  const query = search === "" ? "" : REDACTED;
  if (route !== undefined) span.setAttribute("http.route", route);
  span.setAttribute("url.full", query === "" ? `${origin}${path}` : `${origin}${path}?${query}`);
  span.setAttribute("url.path", path);
  span.setAttribute("url.query", query);
}
