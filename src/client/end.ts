/** The end of a connection, or of an attempt at one; and what a browser does after it. */

import { type Advice, adviceOf, TOKEN_EXPIRED } from "../close_codes.ts";

export interface End {
  readonly reason: string;
  /** Of the close frame, or of the last event. */
  readonly code?: number;
  /** Of the HTTP answer. */
  readonly status?: number;
  /** What the server wants waited, at least. */
  readonly leastMs?: number;
}

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
  const { title, detail } = await response.json().catch(() => ({}));
  return { status, reason: `${status} ${title ?? ""}: ${detail ?? ""}`, leastMs: leastMsOf(headers) };
}

/** `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). */
function leastMsOf(headers: Headers): number {
  const text = headers.get("retry-after") ?? "";
  return Number(text) * 1000 || Math.max(0, Date.parse(text) - Date.now()) || 0;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
