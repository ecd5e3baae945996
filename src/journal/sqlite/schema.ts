/** The schema of the SQLite journal's file, and how a file of an older version becomes one of this. */

import type { DatabaseSync } from "node:sqlite";

/** A file that is not a journal, or one that this version does not know, or that another process has. */
export class CannotOpenError extends Error {
  override readonly name = "CannotOpen";
}

const APPLICATION_ID = 0x54_69_64_69; // "Tidi": tells `file`, and us, whose it is

/** Each brings a file from the version before to its own, its place in the list from 1. Only ever append. */
export const MIGRATIONS: readonly string[] = [
  // No index but the numbers: an index by target would cost 10 to 15 µs a row, where the row itself costs 2.
  `CREATE TABLE journal (
     one INTEGER PRIMARY KEY CHECK (one = 1),
     epoch TEXT NOT NULL,
     head INTEGER NOT NULL,
     lost_through INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE gaps (
     "after" INTEGER PRIMARY KEY,
     "before" INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE entries (
     sequence INTEGER PRIMARY KEY,
     target TEXT,
     topic TEXT,
     expires_at INTEGER NOT NULL,
     is_brief INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE TABLE sent_ids (
     sequence INTEGER PRIMARY KEY,
     id TEXT NOT NULL,
     target TEXT,
     digest TEXT NOT NULL,
     sent_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE losses (
     target TEXT PRIMARY KEY,
     sequence INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
];

/**
 * Brings the file up to the last of the migrations, all of them or none.
 *
 * @throws {CannotOpenError} if it is another program's, or of a later version
 */
export function migrate(database: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = pragma(database, "user_version");
    const isNew = version === 0 && pragma(database, "schema_version") === 0;
    if (!isNew && pragma(database, "application_id") !== APPLICATION_ID) {
      throw new CannotOpenError("it is a database of another program");
    }
    if (version > migrations.length) {
      throw new CannotOpenError(
        `it is of version ${version}, and this program knows ${migrations.length} at most`,
      );
    }
    for (const migration of migrations.slice(version)) database.exec(migration);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
