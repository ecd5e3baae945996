/** One attempt to deliver a message: a POST to the application's webhook, and what has come of it. */

import { parseRetryAfter } from "./retry_schedule.ts";
import { type Envelope, signatureHeaders } from "./signature.ts";

/** Where messages go to. */
export interface Endpoint {
  readonly url: string;
  /** The key that they are signed with. */
  readonly secret: Uint8Array;
}

/** What has come of an attempt. */
export type Outcome =
  | { readonly is: "delivered" }
  /** The application wants no messages, neither this nor any other. */
  | { readonly is: "gone" }
  /** The reason has nothing of the URL or of the message in it. */
  | { readonly is: "failed"; readonly reason: string; readonly retryAfterMs: number };

/** Never rejects. The signal ends it at once, as a failure. */
export type Attempt = (envelope: Envelope, signal: AbortSignal) => Promise<Outcome>;

const MAX_MS = 15_000;

/** @param now milliseconds since 1970 */
export function attemptTo(
  { url, secret }: Endpoint,
  { fetch, now }: { fetch: typeof globalThis.fetch; now: () => number },
): Attempt {
  const { href } = new URL(url);
  return async function attempt(envelope, signal) {
    const late = new AbortController(); // AbortSignal.timeout() would leave a timer behind every answer
    const timer = setTimeout(() => late.abort(new Error("no answer in 15 seconds")), MAX_MS);
    try {
      const response = await fetch(href, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...signatureHeaders(envelope, { secret, now: now() }),
        },
        body: envelope.body,
        redirect: "manual",
        signal: AbortSignal.any([signal, late.signal]),
      });
      await response.body?.cancel(); // the line is kept, if the body is short enough to have come with the head
      return outcomeOf(response, now());
    } catch (error) {
      return { is: "failed", reason: messageOf(error).replaceAll(href, "the webhook"), retryAfterMs: 0 };
    } finally {
      clearTimeout(timer);
    }
  };
}

function outcomeOf({ ok, status, headers }: Response, now: number): Outcome {
  if (ok) return { is: "delivered" };
  if (status === 410) return { is: "gone" };
  const retryAfterMs = parseRetryAfter(headers.get("retry-after"), now);
  return { is: "failed", reason: `the webhook answered ${status}`, retryAfterMs };
}

/** Of the cause, if there is one: fetch itself says only that it failed. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : messageOf(error.cause);
}
