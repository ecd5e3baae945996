/** The clock of the parts of a node that look once a second at what waits for too long. */

import type { Core } from "./core.ts";

/** Ticks until the node begins to stop. The shutdown of the listener cuts the bodies that are still missing then. */
export function startTicking(
  { stopping, refusals, accessLog, lag }: Core,
  parts: readonly { tick(): void }[],
): void {
  lag.start(stopping.signal);
  const timers = [
    ...parts.map((part) => setInterval(() => part.tick(), 1_000)),
    setInterval(() => refusals.tick(), 60_000),
    setInterval(() => accessLog?.tick(), 60_000),
  ];
  stopping.signal.addEventListener("abort", () => timers.forEach(clearInterval));
}
