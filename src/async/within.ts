/** Waits for a promise, but no longer than a time limit or a signal allows. */

/**
 * Resolves when `done` resolves, when `ms` milliseconds have passed, or when the signal aborts. Rejects when `done`
 * rejects first. Afterwards no timer and no listener is left.
 *
 * ```ts
 * await within(new Promise(() => {}), { ms: 10 }); // waits for 10 ms
 * ```
 */
export async function within(
  done: Promise<unknown>,
  { ms, signal }: { ms?: number | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  const { promise: expired, resolve } = Promise.withResolvers<void>();
  const expire = () => resolve();
  const timer = ms === undefined ? undefined : setTimeout(expire, ms);
  signal?.addEventListener("abort", expire);
  if (signal?.aborted) expire();
  try {
    await Promise.race([done, expired]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", expire);
  }
}
