/** The lock that a worker holds as long as it lives: whoever gets it next knows that the worker has ended. */

declare global {
  /** Deno has the Web Locks of all isolates of a process, and no types for them. https://www.w3.org/TR/web-locks/ */
  interface Navigator {
    readonly locks: LockRequests;
  }
  interface WorkerNavigator {
    readonly locks: LockRequests;
  }
}

interface LockRequests {
  request(name: string, options: { signal?: AbortSignal }, granted: () => Promise<void>): Promise<void>;
}

/**
 * Resolves when this isolate holds the lock, which it never gives back. It is released when the isolate ends in whatever
 * way. Deno says nothing else of a worker that ends without an error, and its ports stay open.
 */
export async function holdLifeLock(name: string): Promise<void> {
  const held = Promise.withResolvers<void>();
  void navigator.locks.request(name, {}, () => {
    held.resolve();
    return new Promise(() => {});
  });
  await held.promise;
}

/** Resolves when the isolate that holds the lock has ended. Rejects when the signal aborts. */
export async function untilReleased(name: string, signal: AbortSignal): Promise<void> {
  await navigator.locks.request(name, { signal }, () => Promise.resolve());
}
