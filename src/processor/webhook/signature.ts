/** Signs a message with the three headers of Standard Webhooks, https://www.standardwebhooks.com. */

import { createHmac } from "node:crypto";

/** The id and body of a request to the webhook. They are the same in all attempts; only the headers change. */
export interface Envelope {
  /** The application recognizes a repeated message by its id. */
  readonly id: string;
  readonly body: string;
}

/**
 * While a secret is being replaced, the application may know either of two, and accepts a request if one of its
 * signatures is right.
 *
 * @param options.now milliseconds since 1970, when the attempt begins
 */
export function signatureHeaders(
  { id, body }: Envelope,
  { secrets, now }: { secrets: readonly Uint8Array[]; now: number },
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000)), text = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map((secret) =>
    `v1,${createHmac("sha256", secret).update(text).digest("base64")}`
  );
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
