/** A finding: what one check has to say. */

import { messageOf } from "../../wire/error_message.ts";

/** `skip`: there was nothing to check it with. */
export type Status = "ok" | "warn" | "fail" | "skip";

export interface CheckFinding {
  readonly status: Status;
  /** What was checked, such as `port`. */
  readonly check: string;
  readonly message: string;
}

/** The message of whatever was thrown, without Deno's advice to run the command with another flag. */
export function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return error instanceof Deno.errors.NotCapable ? message.split(", run again")[0] ?? message : message;
}
