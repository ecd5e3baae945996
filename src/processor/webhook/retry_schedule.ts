/** The retry schedule: how many times a message is attempted, and how long to wait after a failure. */

/** The last attempt comes a minute and a half after the first one on average, unless an answer asks for more time. */
export const MAX_ATTEMPTS = 10;

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 60_000;
const MAX_RETRY_AFTER_MS = 10 * 60_000;

/**
 * Returns the milliseconds to wait after a number of failures: exponential back-off with full jitter. The jitter is
 * added to a `Retry-After` as well, because all other messages were asked to wait for the same time.
 */
export function retryDelayMs(
  failures: number,
  { retryAfterMs, random }: { retryAfterMs: number; random: () => number },
): number {
  const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS);
  return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) + random() * backoffMs;
}
