/** Puts the notifications of a request into a trace: that of the publisher, and the span of this service. */

import type { Draft } from "../journal/journal.ts";
import type { TraceContext } from "../wire/trace_context.ts";
import type { ParsedRequest } from "./drafts.ts";

/** A notification that has a trace context of its own keeps it. */
export function inTrace(
  request: ParsedRequest,
  { trace, span }: { trace: TraceContext | undefined; span: string | undefined },
): ParsedRequest {
  const context = { ...trace !== undefined && { trace }, ...span !== undefined && { span } };
  return { ...request, drafts: request.drafts.map((draft): Draft => ({ ...context, ...draft })) };
}
