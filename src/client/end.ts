/** The end of a connection, or of an attempt at one; and what a browser does after it. */

import { type Advice, adviceOf, TOKEN_EXPIRED } from "../wire/close_codes.ts";

export interface End {
  readonly reason: string;
  /** Of the close frame, or of the last event. */
  readonly code?: number | undefined;
  /** Of the HTTP answer. */
  readonly status?: number;
  /** What the server wants waited, at least. */
  readonly minMs?: number;
}

const MAX_MS = 3_600_000; // a timer takes 24 days at most, and fires at once when it is given more

/** By the close code, or the status of the refusal. */
export function adviceAfter({ code = 0, status = 0 }: End): Advice {
  if (status === 400 || status === 403) return "stay away";
  return status === 401 ? "come back" : adviceOf(code);
}

/** True if another token may help. */
export function wantsToken({ code, status }: End): boolean {
  return status === 401 || code === TOKEN_EXPIRED;
}

/** Why the server refuses, as it says it (RFC 9457). A proxy may answer with anything. */
export async function refusalOf(response: Response): Promise<End> {
  const { status, headers } = response;
  const { title, detail } = Object(await response.json().catch(() => {})); // it may be null
  const reason = title === undefined ? `${status}` : `${status} ${title}: ${detail}`;
  return { status, reason, minMs: minMsOf(headers.get("retry-after") ?? "") };
}

/** `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). */
function minMsOf(text: string): number {
  const ms = Number(text) * 1000 || Date.parse(text) - Date.now() || 0;
  return Math.min(Math.max(0, ms), MAX_MS);
}

export function reasonOf(error: unknown): string {
  return Object(error).message ?? String(error);
}
