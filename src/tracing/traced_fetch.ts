/** A `fetch` whose requests are spans that show neither the URL nor an error that quotes it. */

import {
  context,
  createContextKey,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { nameOf } from "../wire/error_message.ts";
import { dropSpan } from "./drop_span.ts";
import { contextOf, traceparentOf } from "./span_context.ts";

export interface TracedFetchOptions {
  /** What is requested, in the name of the span. */
  readonly name: string;
  /** Whether the recipient learns of the trace, by `traceparent`. */
  readonly handsOn: boolean;
}

/** By this name, tracing libraries agree that nothing is added to requests within a context. */
const SUPPRESS = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

/** The parent of a request's span is that of its header `traceparent`, or else the span that is active. */
export function tracedFetch(tracer: Tracer, { name, handsOn }: TracedFetchOptions): typeof fetch {
  return async function fetchInSpan(input, init = {}) {
    const headers = new Headers(init.headers), given = headers.get("traceparent");
    const parent = given === null ? context.active() : contextOf(given);
    const method = init.method ?? "GET", { hostname } = new URL(input instanceof Request ? input.url : input);
    const attributes = { "http.request.method": method, "server.address": hostname };
    const span = tracer.startSpan(`${method} ${name}`, { kind: SpanKind.CLIENT, attributes }, parent);
    if (handsOn) headers.set("traceparent", traceparentOf(span));
    const request = withoutSpan({ ...init, headers }, { method, ours: span });
    try {
      const within = trace.setSpan(parent, span).setValue(SUPPRESS, true);
      const response = await context.with(within, () => fetch(input, request));
      noteStatus(span, response.status);
      return response;
    } catch (error) {
      span.setAttribute("error.type", nameOf(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  };
}

function noteStatus(span: Span, status: number): void {
  span.setAttribute("http.response.status_code", status);
  if (status < 400) return;
  span.setAttribute("error.type", String(status));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/**
 * Drops Deno's own span of the `fetch`, which is the active one while `fetch` reads its options. The URL of a webhook may
 * be secret, and that of a push subscription always is.
 */
function withoutSpan(
  init: RequestInit,
  { method, ours }: { readonly method: string; readonly ours: Span },
): RequestInit {
  return Object.defineProperty(init, "method", {
    enumerable: true,
    get() {
      const active = trace.getActiveSpan();
      if (active !== ours) dropSpan(active);
      return method;
    },
  });
}
