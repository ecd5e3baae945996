/** Push deliveries that are spans: children of the request or the append that they follow from, however much later. */

import { context, ROOT_CONTEXT, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import type { TraceContext } from "../wire/trace_context.ts";
import { contextOf } from "./span_context.ts";

/** What delivers the pushes that are due. */
export interface PushDelivering<P, R> {
  deliver(push: P, signal: AbortSignal): Promise<R>;
}

/** What a span needs of a push. */
export interface TracedPush {
  readonly span?: string;
  readonly trace?: TraceContext;
  readonly attempts: number;
}

export function tracedPushes<P extends TracedPush, R>(
  delivery: PushDelivering<P, R>,
  tracer: Tracer,
): PushDelivering<P, R> {
  return {
    async deliver(push, signal) {
      const origin = push.span ?? push.trace?.traceparent;
      const parent = origin === undefined ? ROOT_CONTEXT : contextOf(origin);
      const attributes = { "tidings.attempt": push.attempts + 1 };
      const span = tracer.startSpan("push", { attributes }, parent);
      try {
        return await context.with(trace.setSpan(parent, span), () => delivery.deliver(push, signal));
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
  };
}
