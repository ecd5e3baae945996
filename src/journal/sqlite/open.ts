/** Opening the database of a SQLite journal: for writing, repaired and up to date, or only for reading. */

import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { FileGuard } from "./file_guard.ts";
import { isMalformed, rebuild } from "./rebuild.ts";
import { CannotOpenError, migrate, MIGRATIONS, versionOf } from "./schema.ts";
import { committedFrames } from "./wal.ts";

export interface WritableDatabase {
  readonly database: DatabaseSync;
  /** True if parts of the file could not be read. Any target may then have lost entries. */
  readonly isIncomplete: boolean;
}

const BUSY_MS = 50; // another program may be reading the file

/** @throws {CannotOpenError} if it is not the database of a journal, and SQLite's errors */
export function openForWriting(guard: FileGuard): WritableDatabase {
  let database = open(guard.path);
  try {
    versionOf(database);
    let isIncomplete = hasLostTransactions(database, guard.path);
    if (isMalformed(database)) {
      rebuild(database, guard);
      database = open(guard.path);
      isIncomplete = true;
    }
    migrate(database);
    database.exec("PRAGMA journal_mode = WAL");
    return { database, isIncomplete };
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

/** Opens a file that cannot be written, because the disk is full or read-only or the permission is missing. */
export function openForReading({ path }: FileGuard): DatabaseSync {
  try {
    return readable(new DatabaseSync(path, { readOnly: true }));
  } catch {
    // SQLite also writes to `-shm` to read, but not if it is told that nobody changes the file meanwhile.
    const url = pathToFileURL(path);
    url.searchParams.set("immutable", "1");
    return readable(new DatabaseSync(url, { readOnly: true }));
  }
}

function open(path: string): DatabaseSync {
  return new DatabaseSync(path, { timeout: BUSY_MS });
}

function readable(database: DatabaseSync): DatabaseSync {
  try {
    if (versionOf(database) === MIGRATIONS.length) return database;
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  throw new CannotOpenError("it is from an earlier version, and cannot be brought up to date now");
}

/** SQLite drops transactions of the write-ahead log if one of them, or one before, is damaged. */
function hasLostTransactions(database: DatabaseSync, path: string): boolean {
  const { log } = database.prepare("PRAGMA wal_checkpoint(NOOP)").get() ?? {};
  return committedFrames(`${path}-wal`) > Math.max(0, Number(log));
}
