/** Draining: delivers what is queued, and then closes all connections one by one. */

import { within } from "../async/within.ts";
import type { Connection } from "../hub/connection.ts";
import { CLOSE } from "../wire/close_codes.ts";

/** The collaborators of a drain. The node accepts no new notifications or connections any more. */
export interface DrainDeps {
  /** Notifications that the hub has not yet offered to its connections. */
  readonly queued: { readonly size: number };
  /** Resolves with all connections after a turn of the hub. */
  connections(): Promise<readonly Connection[]>;
  /** The number of sockets, also those of publishers, that are open or closing. */
  openSockets(): number;
}

const MS_BETWEEN_CLOSES = 1; // so that at most a thousand browsers a second connect to another node
const MAX_CLOSING_MS = 1_000; // enough for every browser that answers the close; a dead peer never does
const POLL_MS = 5;

/**
 * Resolves when all connections are closed, or when the signal aborts.
 *
 * @param options.windowMs the time over which the closes are spread, at most
 */
export async function drain(
  { queued, connections, openSockets }: DrainDeps,
  { windowMs, signal }: { windowMs: number; signal: AbortSignal },
): Promise<void> {
  const pauses = new Set<() => void>();
  signal.addEventListener("abort", () => pauses.forEach((end) => end()), { once: true });
  while (queued.size > 0 && !signal.aborted) await connections();
  for (let ms = 0; ms < MAX_CLOSING_MS; ms += POLL_MS) {
    await closeAll(); // also those that were admitted before, and whose sockets have opened only now
    if (openSockets() === 0 || signal.aborted) return;
    await pause(POLL_MS, pauses);
  }

  async function closeAll(): Promise<void> {
    for (let open = await connections(); open.length > 0 && !signal.aborted; open = await connections()) {
      const stepMs = Math.min(MS_BETWEEN_CLOSES, windowMs / open.length);
      const closed = open.map(({ pump }, index) =>
        pause(index * stepMs, pauses).then(() => pump.finish(CLOSE.restart))
      );
      await within(Promise.all(closed), { signal });
    }
  }
}

/** Resolves after the time, or when all pauses are ended. One listener for each pause would make ending them quadratic. */
function pause(ms: number, pauses: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      pauses.delete(end);
      resolve();
    }
    pauses.add(end);
  });
}
