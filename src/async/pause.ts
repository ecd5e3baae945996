/** Pauses for a time, which a signal can end. */

import { within } from "./within.ts";

/**
 * Resolves when `ms` milliseconds have passed, or when the signal aborts. A signal must not end thousands of pauses at
 * once, because Deno compares each new listener with all others (`Retries` lets them share one).
 *
 * ```ts
 * await pause(10, AbortSignal.abort()); // does not wait
 * ```
 */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return within(new Promise(() => {}), { ms, signal });
}
