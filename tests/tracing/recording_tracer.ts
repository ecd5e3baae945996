/** A tracer that records spans in a list. */

import { type Context, type SpanOptions, trace } from "@opentelemetry/api";

export interface RecordedSpan {
  readonly name: string;
  /** As a `traceparent`. */
  readonly parent: string;
  readonly attributes: SpanOptions["attributes"];
  readonly start: SpanOptions["startTime"];
  readonly events: readonly (readonly [string, number])[];
  readonly end: number;
}

export function recordingTracer(): { tracer: unknown; spans: RecordedSpan[] } {
  const spans: RecordedSpan[] = [];
  const tracer = {
    startSpan(name: string, { attributes, startTime: start }: SpanOptions, context: Context) {
      const { traceId, spanId } = trace.getSpanContext(context) ?? {};
      const parent = `00-${traceId}-${spanId}-01`, events: [string, number][] = [];
      return {
        addEvent: (event: string, at: number) => void events.push([event, at]),
        end: (end: number) => void spans.push({ name, parent, attributes, start, events, end }),
      };
    },
  };
  return { tracer, spans };
}
