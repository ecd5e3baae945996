/** Marks a backup that takes the place of a journal: nobody knows what that journal has accepted since the backup. */

import { DatabaseSync } from "node:sqlite";
import { migrate } from "./schema.ts";
import { recordRestore } from "./startup.ts";

/**
 * Makes the next run of the file tell every tab that resumes from before it that something may be missing. A tab that
 * was away since the backup could otherwise resume as if nothing had been lost.
 *
 * @throws {CannotOpenError} if the file belongs to a later version of Tidings
 */
export function markRestored(path: string): void {
  using database = new DatabaseSync(path);
  migrate(database);
  database.exec("BEGIN IMMEDIATE");
  recordRestore(database);
  database.exec("COMMIT");
}
