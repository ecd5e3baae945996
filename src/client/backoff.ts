/** Backoff: how long a browser waits before it comes back, so that not all of them come at once. */

const MIN_MS = 500;
const MAX_MS = 20_000;

/** Exponential, with full jitter: anything from 0 up to a limit that doubles with each failure in a row. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(MAX_MS, MIN_MS * 2 ** failures);
}
