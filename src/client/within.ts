/** Time limits. `AbortSignal.any` and `AbortSignal.timeout` would do for requests, but need a newer browser. */

import { WELCOME_MS } from "./limits.ts";

/**
 * Resolves with what `work` resolves with. Rejects when it has not within the time, or when `signal` aborts before.
 *
 * @param work receives a signal that aborts when nobody waits for it any more
 */
export async function within<T>(
  work: (signal: AbortSignal) => T | Promise<T>,
  { reason = "no answer", ms = WELCOME_MS, signal }: { reason?: string; ms?: number; signal?: AbortSignal } =
    {},
): Promise<T> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      work(abort.signal),
      new Promise<never>((_, reject) => {
        const giveUp = () => reject(new Error(reason));
        timer = setTimeout(giveUp, ms);
        signal?.addEventListener("abort", giveUp, { signal: abort.signal });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
