/** Back-off: the delay before a reconnection, random so that browsers do not all return at the same moment. */

const FIRST_LIMIT_MS = 500;
const MAX_LIMIT_MS = 20_000;

/** Exponential back-off with full jitter: between 0 and a limit that doubles with each failure in a row. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(MAX_LIMIT_MS, FIRST_LIMIT_MS * 2 ** failures);
}
