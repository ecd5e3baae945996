/** Converts between spans and `traceparent`, the text by which another process or a later time finds them again. */

import { type Context, ROOT_CONTEXT, type Span, trace, TraceFlags } from "@opentelemetry/api";

/** The span as a `traceparent`. Undefined if it is not sampled, because nothing has to continue it then. */
export function sampledParent(span: Span | undefined): string | undefined {
  if (span === undefined) return undefined;
  const context = span.spanContext();
  return (context.traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : traceparentOf(span);
}

export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** The context in which a span becomes a child of the one that `traceparent` names. */
export function contextOf(traceparent: string): Context {
  const [, traceId = "", spanId = "", flags = ""] = traceparent.split("-");
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: parseInt(flags, 16),
    isRemote: true,
  });
}
