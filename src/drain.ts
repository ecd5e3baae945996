/** Stopping without losing anything: what is queued is delivered, and then browsers are sent away one by one. */

import { CLOSE } from "./close_codes.ts";
import type { Connection } from "./hub/connection.ts";

/** What draining needs of the rest of the service, which takes no new notifications and connections any more. */
export interface DrainParts {
  /** Notifications that the hub has not offered to connections yet. */
  readonly queued: { readonly size: number };
  /** All connections, after a turn of the hub. */
  connections(): Promise<readonly Connection[]>;
}

const MS_BETWEEN_CLOSES = 1; // a thousand browsers a second, not all at once, look for another node

/** Resolves when no connection is left, or when the signal says that it has taken long enough. */
export async function drain(
  { queued, connections }: DrainParts,
  { windowMs, signal }: { windowMs: number; signal: AbortSignal },
): Promise<void> {
  const enough = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
  while (queued.size > 0 && !signal.aborted) await connections();
  for (let left = await connections(); left.length > 0 && !signal.aborted; left = await connections()) {
    const stepMs = Math.min(MS_BETWEEN_CLOSES, windowMs / left.length);
    const farewells = left.map(({ pump }, index) =>
      after(index * stepMs, () => pump.finish(CLOSE.restart), signal)
    );
    await Promise.race([Promise.all(farewells), enough]);
  }
}

function after(ms: number, action: () => Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => action().then(resolve, reject), ms);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}
