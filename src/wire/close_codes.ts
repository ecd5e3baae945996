/** Close codes: why a connection closes, and what the browser does next. The server and the browser SDK share them. */

/** A close code, and its reason in at most 123 bytes (RFC 6455, section 5.5.1). */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** What a browser does after a close. */
export type Advice = "stay away" | "back off" | "come back";

/**
 * Derives the advice from the range of a code. After 4001, a browser comes back with another token. After a code that is
 * not ours, it backs off and reconnects.
 */
export function adviceOf(code: number): Advice {
  const range = Math.floor(code / 100);
  if (code === TOKEN_REVOKED || range === 42) return "come back";
  return range === 40 ? "stay away" : "back off";
}

/** Constants of their own: the browser SDK needs these codes and none of the reasons, which would only make it larger. */
export const TOKEN_EXPIRED = 4201, TOKEN_REVOKED = 4001;

/**
 * All closes. The range of a code is its meaning:
 *
 * - 1000–1999: defined by RFC 6455 and its registry
 * - 4000–4099: do not reconnect; after 4001, only with another token
 * - 4100–4199: back off, then resume
 * - 4200–4299: reconnect at once, and resume
 */
export const CLOSE = {
  tooBig: { code: 1009, reason: "a frame is limited to 64 KiB" },
  broken: { code: 1011, reason: "the server failed; back off, then resume" },
  restart: { code: 1012, reason: "the server is restarting; back off, then resume" },
  moved: { code: 1012, reason: "another node has more room; back off, then resume" },
  publishersRestart: {
    code: 1012,
    reason: "the server is restarting; back off, then repeat what was not answered",
  },
  tokenRevoked: { code: TOKEN_REVOKED, reason: "the token was revoked; do not use it again" },
  disconnected: { code: 4003, reason: "the backend has closed this connection" },
  protocolViolation: { code: 4004, reason: "only text frames are allowed" },
  overloaded: { code: 4100, reason: "the server cannot keep up; back off, then resume" },
  tooManyFrames: { code: 4101, reason: "frames are limited to 50 at once, then 10 per second" },
  tooMuchUnanswered: {
    code: 4102,
    reason: "a publisher is limited to 1,000 notifications or 1 MiB unanswered; back off",
  },
  stuck: { code: 4200, reason: "nothing could be sent for too long; resume" },
  tokenExpired: { code: TOKEN_EXPIRED, reason: "the token has expired; resume with a new one" },
} as const satisfies Record<string, Close>;
