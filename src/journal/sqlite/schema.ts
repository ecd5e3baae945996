/** The schema of the SQLite journal's file, and the migrations that bring a file of an older version up to date. */

import type { DatabaseSync } from "node:sqlite";

/** The file is not a journal, is from a later version of Tidings, or is in use by another process. */
export class CannotOpenError extends Error {
  override readonly name = "CannotOpenError";
}

const APPLICATION_ID = 0x54_69_64_69; // "Tidi": identifies the file to us, and to the program `file`

/** The n-th migration, counted from 1, brings a file from version n - 1 to version n. Only ever append to the list. */
export const MIGRATIONS: readonly string[] = [
  // Rows are indexed by number only: an index by target would cost 10 to 15 µs per row, and the row itself costs 2.
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
 * Applies all migrations that the file lacks, or none if one of them fails.
 *
 * @throws {CannotOpenError} if the file belongs to another program, or to a later version of Tidings
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
        `it has version ${version}, and this program supports versions up to ${migrations.length}`,
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
