/** Reads a queue message: its text, and the key that identifies it when it is delivered again. */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import type { JsMsg } from "@nats-io/jetstream";
import { Problem } from "../../wire/problem.ts";
import { parseTraceContext, type TraceContext } from "../../wire/trace_context.ts";

const MAX_BYTES = 1024 * 1024;
const decoder = new TextDecoder();

/** The parts of a message that its key depends on. */
export type KeySource = Pick<JsMsg, "headers" | "info" | "seq" | "timestampNanos">;

/**
 * The key is the same for every delivery of a message, and no other message has it: the id that the publisher chose, or
 * one that is derived from the message's place in the stream.
 */
export function keyOf({ headers, info, seq, timestampNanos }: KeySource): string {
  return headers?.get("Nats-Msg-Id") || digestOf(`${info.stream} ${timestampNanos} ${seq}`);
}

/** @throws {Problem} `too-large`, or `bad-request` if it is not UTF-8 */
export function textOf({ data }: Pick<JsMsg, "data">): string {
  if (data.length > MAX_BYTES) throw new Problem("too-large", `a body is limited to ${MAX_BYTES} bytes`);
  if (!isUtf8(data)) throw new Problem("bad-request", "the body is not UTF-8");
  return decoder.decode(data);
}

/** The trace context of the message, in the headers that tracing libraries for NATS use. */
export function traceOf({ headers }: Pick<JsMsg, "headers">): TraceContext | undefined {
  return parseTraceContext(headers?.get("traceparent"), headers?.get("tracestate"));
}

/** Browsers see the key as the notification's id, and a digest does not reveal how many messages there are. */
function digestOf(place: string): string {
  return createHash("sha256").update(place).digest("base64url").slice(0, 22);
}
