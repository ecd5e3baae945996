/** The spans of requests: named after their routes, in the trace of the client. */

import {
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { parseTraceContext } from "../wire/trace_context.ts";
import { contextOf } from "./span_context.ts";
import { dropSpan } from "./drop_span.ts";

/** The route of a request, as far as its span shows it. */
export interface SpanRoute {
  /** The pattern of the path, for example `/v1/targets/:target`. Undefined: no route has the path. */
  readonly route: string | undefined;
  /** True if the request becomes a connection, whose later work belongs to other traces. */
  readonly isConnection: boolean;
}

type Answer = Response | Promise<Response>;

const METHODS: ReadonlySet<string> = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);

/**
 * Has a request answered within a span. Deno's own span of the request has the whole URL, whose path can contain a
 * target, and whose query a token, and no attribute of a span can be removed; so that span is dropped.
 *
 * @param answer is called at once
 */
export function answerInSpan(
  tracer: Tracer,
  { request, route, isConnection }: SpanRoute & { readonly request: Request },
  answer: () => Answer,
): Answer {
  dropSpan(trace.getActiveSpan());
  const span = startSpan(tracer, request, route);
  const response = context.with(isConnection ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span), answer);
  return response instanceof Promise ? response.then((response) => end(span, response)) : end(span, response);
}

function startSpan(tracer: Tracer, { method, url, headers }: Request, route: string | undefined): Span {
  const known = METHODS.has(method) ? method : undefined, name = known ?? "HTTP";
  const given = parseTraceContext(headers.get("traceparent"), null);
  const attributes = {
    "http.request.method": known ?? "_OTHER",
    "url.scheme": url.slice(0, url.indexOf(":")),
    ...route !== undefined && { "http.route": route },
  };
  return tracer.startSpan(
    route === undefined ? name : `${name} ${route}`,
    { kind: SpanKind.SERVER, attributes },
    given === undefined ? ROOT_CONTEXT : contextOf(given.traceparent),
  );
}

/** That a client is refused is no error of the server. */
function end(span: Span, response: Response): Response {
  const { status } = response;
  span.setAttribute("http.response.status_code", status);
  if (status >= 500) {
    span.setAttribute("error.type", String(status));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
  return response;
}
