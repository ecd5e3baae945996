/** The end of a connection, or of an attempt to open one, and what the SDK does next. */

import { type Advice, adviceOf } from "../wire/close_codes.ts";
import { MAX_RETRY_AFTER_MS } from "./limits.ts";

export interface ConnectionEnd {
  /** The cause, for people and logs. */
  readonly reason: string;
  /** The code of the close frame, or of the event stream's last event. */
  readonly code?: number | undefined;
  /** The HTTP status of the response. */
  readonly status?: number;
  /** True if Tidings gave the response. Anything on the way to it may answer in its place, until it has recovered. */
  readonly isOurs?: boolean;
  /** The least time until the next attempt: the server's `Retry-After`. */
  readonly minMs?: number;
}

/** The range of the close code decides, or the status of a refusal by Tidings. */
export function adviceAfter({ code = 0, status, isOurs }: ConnectionEnd): Advice {
  const refusal = isOurs && status;
  if (refusal === 401) return "come back";
  return refusal === 400 || refusal === 403 ? "stay away" : adviceOf(code);
}

/** Reads why a request was refused (RFC 9457). A proxy may answer with any body. */
export async function parseRefusal(response: Response): Promise<ConnectionEnd> {
  const { status, headers } = response;
  const { type, title, detail } = Object(await response.json().catch(() => {})); // the JSON may be null
  const isOurs = /^urn:tidings:problem:/.test(type);
  const reason = isOurs ? `${status} ${title}: ${detail}` : `${status}`;
  return { status, isOurs, reason, minMs: parseRetryAfter(headers.get("retry-after") ?? "") };
}

/** Parses seconds or a date (RFC 9110, section 10.2.3), and returns milliseconds. */
function parseRetryAfter(text: string): number {
  const ms = Number(text) * 1000 || Date.parse(text) - Date.now() || 0;
  return Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return Object(error).message ?? String(error);
}
