/** Backoff: how long a browser waits before it comes back, so that not all of them come at once. */

const LEAST_MS = 500;
const MOST_MS = 20_000;

/** Exponential, with full jitter: anything from 0 up to a limit that doubles with each failure in a row. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(MOST_MS, LEAST_MS * 2 ** failures);
}
