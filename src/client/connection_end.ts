/** The end of a connection, or of an attempt to open one, and what the SDK does next. */

import { type Advice, adviceOf, TOKEN_EXPIRED } from "../wire/close_codes.ts";

export interface ConnectionEnd {
  /** The cause, for people and logs. */
  readonly reason: string;
  /** The code of the close frame, or of the event stream's last event. */
  readonly code?: number | undefined;
  /** The HTTP status of the response. */
  readonly status?: number;
  /** The least time until the next attempt: the server's `Retry-After`. */
  readonly minMs?: number;
}

const MAX_MS = 3_600_000; // a timer takes at most 24 days, and fires at once when it is given more

/** The range of the close code decides, or the status of the refusal. */
export function adviceAfter({ code = 0, status = 0 }: ConnectionEnd): Advice {
  if (status === 400 || status === 403) return "stay away";
  return status === 401 ? "come back" : adviceOf(code);
}

/** True if the server rejected the token, so that another one may help. */
export function needsToken({ code, status }: ConnectionEnd): boolean {
  return status === 401 || code === TOKEN_EXPIRED;
}

/** Reads why the server refused a request (RFC 9457). A proxy may answer with any body. */
export async function parseRefusal(response: Response): Promise<ConnectionEnd> {
  const { status, headers } = response;
  const { title, detail } = Object(await response.json().catch(() => {})); // the JSON may be null
  const reason = title === undefined ? `${status}` : `${status} ${title}: ${detail}`;
  return { status, reason, minMs: parseRetryAfter(headers.get("retry-after") ?? "") };
}

/** Parses seconds or a date (RFC 9110, section 10.2.3), and returns milliseconds. */
function parseRetryAfter(text: string): number {
  const ms = Number(text) * 1000 || Date.parse(text) - Date.now() || 0;
  return Math.min(Math.max(0, ms), MAX_MS);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return Object(error).message ?? String(error);
}
