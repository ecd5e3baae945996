/** Runs: successive notifications for the same target. */

import type { Notification } from "./outbox.ts";

export interface TargetRun {
  /** Null stands for everyone. */
  readonly target: string | null;
  readonly notifications: readonly Notification[];
}

/** Splits notifications into the longest possible runs, and keeps their order. */
export function* splitIntoRuns(notifications: readonly Notification[]): Generator<TargetRun, void> {
  let start = 0;
  for (const [index, { target }] of notifications.entries()) {
    if (target === notifications[index + 1]?.target) continue;
    yield { target, notifications: notifications.slice(start, index + 1) };
    start = index + 1;
  }
}
