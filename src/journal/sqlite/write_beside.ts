/** Writes to the tables beside the journal's own. */

import { messageOf } from "./error_message.ts";
import { UnavailableError } from "../journal.ts";
import type { JournalHealth } from "./health.ts";

/**
 * Writes if the file can be written as far as is known. After a failure, the journal finds out when it can be again.
 * Rejects with {@linkcode UnavailableError}.
 */
export async function writeBeside(health: JournalHealth, write: () => Promise<void>): Promise<void> {
  if (health.state !== "ok") throw new UnavailableError(health.reason);
  try {
    await write();
  } catch (cause) {
    health.setUnwritable(messageOf(cause));
    throw new UnavailableError("the journal's file cannot be written", { cause });
  }
}
