/** Reads the trace context of a request from its headers: `traceparent` and `tracestate`. */

import { parseTraceContext, type TraceContext } from "../wire/trace_context.ts";

export function readTraceContext(headers: Headers): TraceContext | undefined {
  const traceparent = headers.get("traceparent"); // one look-up for the requests without, which are most
  return traceparent === null ? undefined : parseTraceContext(traceparent, headers.get("tracestate"));
}
