/** A subscriber under chaos: it comes, stays through whatever happens, and may leave and return. */

import type { TabLog } from "./tab_log.ts";

export interface Subscriber {
  readonly target: string;
  readonly transport: "WebSocket" | "SSE" | "SDK";
  readonly log: TabLog;
  /** Resolves with the first welcome. From then on it reconnects whenever it is cut off, and resumes. */
  arrive(): Promise<void>;
  /** Disconnects, and remembers its position for the next time. */
  leave(): Promise<void>;
}

/** Where a subscriber connects, and as whom. */
export interface SubscriberOptions {
  readonly target: string;
  readonly port: number;
  readonly token: string;
}

/** The wait before a client without the SDK connects again. */
export const RETRY_MS = 100;

/** Makes a subscriber leave and return at random until the signal aborts. It is there at the end. */
export async function comeAndGo(
  subscriber: Subscriber,
  { random, signal }: { random: () => number; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await pause(300 + random() * 2_000, signal);
    if (signal.aborted) return;
    await subscriber.leave();
    await pause(50 + random() * 1_500, signal);
    await subscriber.arrive();
  }
}

/** Resolves after a time, or as soon as the signal aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
