/** A copy of a journal: checks that it is sound, and makes one file of it. */

import { DatabaseSync } from "node:sqlite";
import { messageOf } from "./error_message.ts";
import { isMalformed } from "./rebuild.ts";
import { CannotOpenError, MIGRATIONS, versionOf } from "./schema.ts";

/** What a copy holds. */
export interface BackupFacts {
  readonly bytes: number;
  /** Notifications and marks. */
  readonly entries: number;
  readonly scheduled: number;
  readonly pushSubscriptions: number;
  /** The schema's version. */
  readonly version: number;
}

/**
 * Moves what is in `-wal` to the file, and checks it.
 *
 * @throws {CannotOpenError} if it is no journal, is from a later version of Tidings, or is damaged
 */
export function finishCopy(path: string): BackupFacts {
  const database = open(path);
  try {
    const version = versionOf(database);
    if (version === 0) throw new CannotOpenError("it is no journal of Tidings");
    if (isMalformed(database)) throw new CannotOpenError("it is damaged");
    database.exec("PRAGMA journal_mode = DELETE");
    const count = (table: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
    const isCurrent = version === MIGRATIONS.length; // an earlier version lacks tables
    return {
      entries: count("entries"),
      scheduled: isCurrent ? count("scheduled") : 0,
      pushSubscriptions: isCurrent ? count("push_subscriptions") : 0,
      version,
      bytes: Deno.statSync(path).size,
    };
  } finally {
    database.close();
    syncToDisk(path);
  }
}

/** SQLite's own message for a file of something else is "file is not a database". */
function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.prepare("PRAGMA schema_version").get();
    return database;
  } catch (cause) {
    database.close();
    throw new CannotOpenError(messageOf(cause));
  }
}

function syncToDisk(path: string): void {
  using file = Deno.openSync(path, { write: true });
  file.syncSync();
}
