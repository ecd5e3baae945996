/** Until: waits for something, but no longer than a time or a signal allows, and leaves no timer or listener behind. */

/** Resolves when `done` has, when so many milliseconds are over, or when the signal aborts. Rejects as `done` does. */
export async function within(
  done: Promise<unknown>,
  { ms, signal }: { ms?: number | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  const { promise: enough, resolve: end } = Promise.withResolvers<void>();
  const listener = () => end();
  const timer = ms === undefined ? undefined : setTimeout(listener, ms);
  signal?.addEventListener("abort", listener);
  if (signal?.aborted) end();
  try {
    await Promise.race([done, enough]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", listener);
  }
}
