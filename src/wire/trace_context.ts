/** The trace context that publishers and browsers send (W3C Trace Context, level 2): its syntax, and its schemas. */

import { z } from "zod";

/** The trace that something belongs to, as its sender has described it. */
export interface TraceContext {
  /** Of version 00: 55 characters. */
  readonly traceparent: string;
  /** What tracing systems add for themselves. */
  readonly tracestate?: string;
}

/** All of it is lower case. Ids of nothing but zeros are not valid. */
const PARENT = "(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}";
const OF_THIS_VERSION = new RegExp(`^00-${PARENT}$`);
/** A later version begins like this one, and adds to it. */
const OF_LATER_VERSION = new RegExp(`^(?!ff|00)[0-9a-f]{2}-(${PARENT})(?:-.*)?$`);
const MAX_STATE = 512, MAX_MEMBERS = 32;
const MEMBER =
  /^(?:[a-z0-9][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** The fields of a message to the service. What is not valid is ignored, so any text passes. */
export const GIVEN_TRACE = {
  traceparent: z.string().describe(
    "The `traceparent` of W3C Trace Context that this belongs to; ignored if it is not valid",
  ).optional(),
  tracestate: z.string().describe("The `tracestate` beside `traceparent`; ignored if it is not valid")
    .optional(),
};

/** A trace context as a store keeps it. */
export const StoredTrace: z.ZodType<TraceContext> = z.object({
  traceparent: z.string(),
  tracestate: z.string().exactOptional(),
});

/** The fields of a notification to browsers. */
export const HANDED_ON_TRACE = {
  traceparent: z.string().regex(OF_THIS_VERSION).describe(
    "The `traceparent` that the publisher has sent (W3C Trace Context)",
  ).optional(),
  tracestate: z.string().max(MAX_STATE).describe("The `tracestate` beside `traceparent`").optional(),
};

/**
 * Reads the header fields of a request, or the fields of a message. What is not valid is ignored, as the standard has it:
 * a trace that breaks off must not keep a notification from its recipients.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
 * assertEquals(parseTraceContext(traceparent, "vendor=1"), { traceparent, tracestate: "vendor=1" });
 * assertEquals(parseTraceContext("none", "vendor=1"), undefined);
 * ```
 */
export function parseTraceContext(
  traceparent: string | null | undefined,
  tracestate: string | null | undefined,
): TraceContext | undefined {
  if (traceparent === null || traceparent === undefined) return undefined;
  const parent = parseTraceparent(traceparent);
  if (parent === undefined) return undefined;
  const state = (tracestate ?? "").trim();
  return state !== "" && isTracestate(state)
    ? { traceparent: parent, tracestate: state }
    : { traceparent: parent };
}

/** Of a later version, only the part that this one knows is passed on, as section 4.3 has it. */
function parseTraceparent(text: string): string | undefined {
  if (OF_THIS_VERSION.test(text)) return text;
  const [, known] = OF_LATER_VERSION.exec(text) ?? [];
  return known === undefined ? undefined : `00-${known}`;
}

/** Section 3.3.1: a list of at most 32 members, some of which may be empty. Longer ones than 512 characters are not kept. */
function isTracestate(text: string): boolean {
  if (text.length > MAX_STATE) return false;
  const members = text.split(",").map((member) => member.replaceAll(/^[ \t]+|[ \t]+$/g, "")).filter((one) =>
    one !== ""
  );
  return members.length <= MAX_MEMBERS && members.every((member) => MEMBER.test(member));
}
