/** Logs whether the file of the journal can be used. */

import type { HealthState } from "../journal/sqlite/health.ts";
import { log } from "./log.ts";

export function logHealth(state: HealthState, details: { path: string; reason: string }): void {
  switch (state) {
    case "ok":
      return log.info("{path} can be written again", details);
    case "unwritable":
      return log.error("{path} cannot be written: {reason}", details);
    case "lost":
      return log.fatal("{path} is not the journal any more: {reason}. Put it back, or restart", details);
    default:
      return state satisfies never;
  }
}
