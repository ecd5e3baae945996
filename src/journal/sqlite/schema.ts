/** The schema of the SQLite journal's file, and the migrations that bring a file of an older version up to date. */

import type { DatabaseSync } from "node:sqlite";
import { checksumOf } from "./checksum.ts";

/** The file is not a journal, is from a later version of Tidings, or is in use by another process. */
export class CannotOpenError extends Error {
  override readonly name = "CannotOpenError";
}

/** "Tidi": identifies the file to us, and to the program `file`. */
export const APPLICATION_ID = 0x54_69_64_69;

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
  // Each row gets a checksum. An entry that is no JSON was damaged before there were any: it is deleted and counts as
  // lost to every target, because its own may be wrong as well.
  `UPDATE journal SET lost_through = max(lost_through,
     (SELECT coalesce(max(sequence), 0) FROM entries WHERE NOT json_valid(text)));
   DELETE FROM entries WHERE NOT json_valid(text);
   ALTER TABLE journal ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE gaps ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE entries ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE sent_ids ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE losses ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
   UPDATE journal SET checksum = checksum_of(one, epoch, head, lost_through);
   UPDATE gaps SET checksum = checksum_of("after", "before");
   UPDATE entries SET checksum =
     checksum_of(sequence, target, topic, expires_at, is_brief, bytes, text);
   UPDATE sent_ids SET checksum = checksum_of(sequence, id, target, digest, sent_at, expires_at);
   UPDATE losses SET checksum = checksum_of(target, sequence);`,
  // An entry may be a mark. Earlier versions would send it to browsers as a notification, so they refuse the file.
  "ALTER TABLE entries RENAME COLUMN is_brief TO kind;",
  // What is scheduled is found by its number only, as are the entries: its index is in memory.
  `CREATE TABLE scheduled (
     sequence INTEGER PRIMARY KEY,
     key TEXT NOT NULL,
     digest TEXT NOT NULL,
     added_at INTEGER NOT NULL,
     due_at INTEGER NOT NULL,
     is_done INTEGER NOT NULL,
     content TEXT NOT NULL,
     checksum INTEGER NOT NULL
   ) STRICT;`,
  // All push subscriptions are in memory. A changed one is a new row, so the newest of a target has the last number.
  `CREATE TABLE push_subscriptions (
     sequence INTEGER PRIMARY KEY,
     id TEXT NOT NULL,
     target TEXT NOT NULL,
     endpoint TEXT NOT NULL,
     p256dh TEXT NOT NULL,
     auth TEXT NOT NULL,
     origin TEXT,
     checksum INTEGER NOT NULL
   ) STRICT;`,
  // A target has one row in each of these, which changes in its place. All of them are in memory.
  `CREATE TABLE presence (
     sequence INTEGER PRIMARY KEY,
     target TEXT NOT NULL,
     value TEXT NOT NULL,
     checksum INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE last_seen (
     sequence INTEGER PRIMARY KEY,
     target TEXT NOT NULL,
     value TEXT NOT NULL,
     checksum INTEGER NOT NULL
   ) STRICT;`,
  // All revocations are in memory. One that is extended is a new row.
  `CREATE TABLE revocations (
     sequence INTEGER PRIMARY KEY,
     jti TEXT,
     target TEXT,
     issued_before INTEGER,
     kept_until INTEGER NOT NULL,
     checksum INTEGER NOT NULL
   ) STRICT;`,
];

/** The tables whose rows have sequence numbers. */
export const NUMBERED_TABLES = [
  "entries",
  "sent_ids",
  "scheduled",
  "push_subscriptions",
  "presence",
  "last_seen",
  "revocations",
] as const;

/**
 * Applies all migrations that the file lacks, or none if one of them fails.
 *
 * @throws {CannotOpenError} if the file belongs to another program, or to a later version of Tidings
 */
export function migrate(database: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  if (versionOf(database, migrations) === migrations.length) return; // even the same values would need room to write
  database.function("checksum_of", { varargs: true }, (...values) => checksumOf(values));
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const migration of migrations.slice(versionOf(database, migrations))) database.exec(migration);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/**
 * Returns the version of the file, which is 0 if it is new.
 *
 * @throws {CannotOpenError} if the file belongs to another program, or to a later version of Tidings
 */
export function versionOf(database: DatabaseSync, migrations: readonly string[] = MIGRATIONS): number {
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
  return version;
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
