/** Opening the database of a SQLite journal: for writing, repaired and up to date, or only for reading. */

import { DatabaseSync } from "node:sqlite";
import type { FileGuard } from "./file_guard.ts";
import { isMalformed, isMalformedError, rebuild } from "./rebuild.ts";
import { APPLICATION_ID, CannotOpenError, migrate, MIGRATIONS, versionOf } from "./schema.ts";
import { committedFrames } from "./wal.ts";

export interface WritableDatabase {
  readonly database: DatabaseSync;
  /** True if parts of the file could not be read. Any target may then have lost entries. */
  readonly isIncomplete: boolean;
}

const BUSY_MS = 50; // another program may be reading the file

/** @throws {CannotOpenError} if it is not the database of a journal, and SQLite's errors */
export function openForWriting(guard: FileGuard): WritableDatabase {
  const committed = committedFrames(guard.path); // before SQLite opens it, and forgets what it drops
  let database = open(guard.path);
  try {
    const isDamaged = !isReadable(database, guard) || isMalformed(database);
    const isIncomplete = isDamaged || committed > framesOf(database);
    if (isDamaged) {
      rebuild(database, guard);
      database = open(guard.path);
    }
    migrate(database);
    database.exec("PRAGMA journal_mode = WAL");
    database.prepare("SELECT count(*) FROM sqlite_schema").get(); // without it, a new `-wal` counts as locked
    return { database, isIncomplete };
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

/**
 * Opens a file that cannot be written, because the disk is full or read-only or the permission is missing.
 *
 * @throws {CannotOpenError} if it is from an earlier version, and SQLite's errors
 */
export function openForReading({ path }: FileGuard): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    if (versionOf(database) === MIGRATIONS.length) return database;
    throw new CannotOpenError("it is from an earlier version, and cannot be brought up to date now");
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Closes a database so that it can be opened for reading where SQLite can write nothing, not even `-shm`. */
export function closeForReading(database: DatabaseSync): void {
  try {
    database.exec("PRAGMA journal_mode = DELETE");
  } catch {
    // The disk is full, or another program has the file open. SQLite still reads it, where it can write.
  }
  database.close();
}

/** False if even the schema of the file is damaged, although it was a journal. */
function isReadable(database: DatabaseSync, guard: FileGuard): boolean {
  try {
    versionOf(database);
    return true;
  } catch (error) {
    if (isMalformedError(error) && guard.readApplicationId() === APPLICATION_ID) return false;
    throw error;
  }
}

function open(path: string): DatabaseSync {
  return new DatabaseSync(path, { timeout: BUSY_MS });
}

/** Returns the number of frames of the write-ahead log that SQLite reads. */
function framesOf(database: DatabaseSync): number {
  const { log } = database.prepare("PRAGMA wal_checkpoint(NOOP)").get() ?? {};
  return Math.max(0, Number(log));
}
