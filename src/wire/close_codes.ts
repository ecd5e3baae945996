/** Why a connection is closed. The range says what the browser does next; the browser SDK reads the same table. */

/** A close code and its reason, in at most 123 bytes (RFC 6455, section 5.5.1). */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** What a browser does after a close. */
export type Advice = "stay away" | "back off" | "come back";

/** What the range of a code says. Of the codes that are not ours, none forbids to come back. */
export function adviceOf(code: number): Advice {
  const range = Math.trunc(code / 100);
  if (range === 40) return "stay away";
  return range === 42 ? "come back" : "back off";
}

/** Alone, for the browser SDK asks for a fresh token then, and has no use for the reasons. */
export const TOKEN_EXPIRED = 4201;

/**
 * 1000–1999 are RFC 6455's and its registry's own. 4000–4099: do not come back. 4100–4199: back off first, then
 * resume. 4200–4299: come back at once, and resume.
 */
export const CLOSE = {
  tooBig: { code: 1009, reason: "a frame may have 64 KiB" },
  broken: { code: 1011, reason: "the server failed; back off, then resume" },
  restart: { code: 1012, reason: "the server restarts; back off, then resume" },
  moved: { code: 1012, reason: "another node has more room; back off, then resume" },
  disconnected: { code: 4003, reason: "the backend has closed this connection" },
  protocolViolation: { code: 4004, reason: "only text frames are allowed" },
  overloaded: { code: 4100, reason: "the server cannot keep up; back off, then resume" },
  tooManyFrames: { code: 4101, reason: "at most 50 frames at once, then 10 a second" },
  stuck: { code: 4200, reason: "nothing could be sent for too long; resume" },
  tokenExpired: { code: TOKEN_EXPIRED, reason: "the token has expired; resume with a fresh one" },
} as const satisfies Record<string, Close>;
