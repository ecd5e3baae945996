/** Back-off: the delay before a reconnection, random so that browsers do not all return at the same moment. */

import { FIRST_BACKOFF_MS, MAX_BACKOFF_MS } from "./limits.ts";

/** Exponential back-off with full jitter: between 0 and a limit that doubles with each failure in a row. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
}
