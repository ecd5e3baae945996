/** Runs: notifications that follow one another and are for the same target. */

import type { Notification } from "./outbox.ts";

export interface TargetRun {
  /** Null is everyone. */
  readonly target: string | null;
  readonly notifications: readonly Notification[];
}

/** All of them, in their order, with runs as long as they can be. */
export function* runsOf(notifications: readonly Notification[]): Generator<TargetRun, void> {
  let start = 0;
  for (const [index, { target }] of notifications.entries()) {
    if (target === notifications[index + 1]?.target) continue;
    yield { target, notifications: notifications.slice(start, index + 1) };
    start = index + 1;
  }
}
