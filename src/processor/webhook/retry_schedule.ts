/** The retry schedule: how often a message is attempted, and how long after a failure. */

/** On average a minute and a half passes until the last, without answers that ask for more. */
export const MAX_ATTEMPTS = 10;

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 60_000;
const MAX_RETRY_AFTER_MS = 10 * 60_000;

/**
 * How many milliseconds to wait after so many failures: exponential backoff with full jitter, on top of what
 * the answer asked for, because everybody else was asked for the same.
 */
export function waitMsAfter(
  failures: number,
  { retryAfterMs, random }: { retryAfterMs: number; random: () => number },
): number {
  const backoffMs = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), MAX_WAIT_MS);
  return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) + random() * backoffMs;
}

/** Milliseconds from now that a `Retry-After` (RFC 9110, section 10.2.3) means; 0 without one that can be read. */
export function parseRetryAfter(header: string | null, now: number): number {
  if (header === null) return 0;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const ms = header.endsWith(" GMT") ? Date.parse(header) - now : 0; // Date.parse alone takes nearly anything
  return ms > 0 ? ms : 0;
}
