/** Stopping without losing anything: what is queued is delivered, and then browsers are sent away one by one. */

import { CLOSE } from "../wire/close_codes.ts";
import type { Connection } from "../hub/connection.ts";
import { within } from "../async/within.ts";

/** What draining needs of the rest of the service, which takes no new notifications and connections any more. */
export interface DrainDeps {
  /** Notifications that the hub has not offered to connections yet. */
  readonly queued: { readonly size: number };
  /** All connections, after a turn of the hub. */
  connections(): Promise<readonly Connection[]>;
  /** How many sockets are open or closing. */
  readonly slots: { readonly taken: number };
}

const MS_BETWEEN_CLOSES = 1; // a thousand browsers a second, not all at once, look for another node
const MS_TO_CLOSE = 1_000; // a socket whose browser answers is gone by then; one that is dead never is

/** Resolves when all browsers have been sent away, or when the signal says that it has taken long enough. */
export async function drain(
  { queued, connections, slots }: DrainDeps,
  { windowMs, signal }: { windowMs: number; signal: AbortSignal },
): Promise<void> {
  const pauses = new Set<() => void>();
  signal.addEventListener("abort", () => pauses.forEach((end) => end()), { once: true });
  const pause = (ms: number) => pauseOf(ms, pauses);
  while (queued.size > 0 && !signal.aborted) await connections();
  for (let left = await connections(); left.length > 0 && !signal.aborted; left = await connections()) {
    const stepMs = Math.min(MS_BETWEEN_CLOSES, windowMs / left.length);
    const farewells = left.map(({ pump }, index) =>
      pause(index * stepMs).then(() => pump.finish(CLOSE.restart))
    );
    await within(Promise.all(farewells), { signal });
  }
  for (let ms = 0; ms < MS_TO_CLOSE && slots.taken > 0 && !signal.aborted; ms += 5) await pause(5);
}

/** Resolves after that time, or when it is ended with the others: a listener of its own would cost each the number of all. */
function pauseOf(ms: number, pauses: Set<() => void>): Promise<void> {
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
