/** The signature of a message: the three headers of Standard Webhooks, https://www.standardwebhooks.com. */

import { createHmac } from "node:crypto";

/** What is posted for a message: the same in all attempts, but for the headers. */
export interface Envelope {
  /** By which the application knows a repeat. */
  readonly id: string;
  readonly body: string;
}

/** For an attempt that begins now, in milliseconds since 1970. */
export function signatureHeaders(
  { id, body }: Envelope,
  { secret, now }: { secret: Uint8Array; now: number },
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
