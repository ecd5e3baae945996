/** Attempts once to deliver a message with a POST to the application's webhook. */

import { failureReason } from "../../wire/failure_reason.ts";
import { parseRetryAfter } from "../../wire/retry_after.ts";
import type { TraceContext } from "../../wire/trace_context.ts";
import { type Envelope, signatureHeaders } from "./signature.ts";

export interface Endpoint {
  readonly url: string;
  /** The keys that sign messages. */
  readonly secrets: readonly Uint8Array[];
}

/** The result of an attempt. */
export type Outcome =
  | { readonly kind: "delivered" }
  /** The application wants no more messages. */
  | { readonly kind: "gone" }
  /** The reason contains neither the URL nor the message, because both may be secret. */
  | { readonly kind: "failed"; readonly reason: string; readonly retryAfterMs: number };

/** A message, and the trace that it belongs to. */
export interface TracedEnvelope extends Envelope {
  readonly trace?: TraceContext | undefined;
}

/** Never rejects. When the signal aborts, the attempt fails at once. */
export type Attempt = (envelope: TracedEnvelope, signal: AbortSignal) => Promise<Outcome>;

const TIMEOUT_MS = 15_000;

/** @param now returns milliseconds since 1970 */
export function createAttempt(
  { url, secrets }: Endpoint,
  { fetch, now }: { fetch: typeof globalThis.fetch; now: () => number },
): Attempt {
  const { href } = new URL(url);
  return async function attempt(envelope, signal) {
    const timeout = new AbortController(); // AbortSignal.timeout() would leave a timer behind after every answer
    const timer = setTimeout(() => timeout.abort(new Error("no answer in 15 seconds")), TIMEOUT_MS);
    try {
      const response = await fetch(href, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...signatureHeaders(envelope, { secrets, now: now() }),
          ...envelope.trace, // its members have the names of the header fields
        },
        body: envelope.body,
        redirect: "manual",
        signal: AbortSignal.any([signal, timeout.signal]),
      });
      await response.body?.cancel(); // fetch keeps the TCP connection if a short body has arrived with the headers
      return outcomeOf(response, now());
    } catch (error) {
      return {
        kind: "failed",
        reason: failureReason(error, { url: href, name: "the webhook" }),
        retryAfterMs: 0,
      };
    } finally {
      clearTimeout(timer);
    }
  };
}

function outcomeOf({ ok, status, headers }: Response, now: number): Outcome {
  if (ok) return { kind: "delivered" };
  if (status === 410) return { kind: "gone" };
  const retryAfterMs = parseRetryAfter(headers.get("retry-after"), now) ?? 0;
  return { kind: "failed", reason: `the webhook answered ${status}`, retryAfterMs };
}
