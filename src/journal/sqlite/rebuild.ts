/** Rebuilding: copies what can be read of a damaged file into a new one, and puts that in its place. */

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { checksumOf, isSound } from "./checksum.ts";
import type { FileGuard } from "./file_guard.ts";
import { migrate, MIGRATIONS, versionOf } from "./schema.ts";

/** Tests the structure of the file. This reads all of it, but no more than the indexes do at startup. */
export function isMalformed(database: DatabaseSync): boolean {
  try {
    return database.prepare("PRAGMA quick_check(1)").get()?.quick_check !== "ok";
  } catch (error) {
    if (isMalformedError(error)) return true;
    throw error;
  }
}

/** True if SQLite found the structure of the file damaged. Node's error codes are not available in Deno. */
export function isMalformedError(error: unknown): boolean {
  return error instanceof Error && /malformed/.test(error.message);
}

/**
 * Rebuilds the file of a database, and closes the database. Afterwards, any target may have lost any entry up to the
 * head. The damaged file stays, with the suffix `-damaged`, if the file system has hard links.
 *
 * @throws if there is no room for the new file; the database is then as it was
 */
export function rebuild(database: DatabaseSync, guard: FileGuard): void {
  const { path } = guard, newPath = `${path}-rebuilt`;
  removeAll(newPath, ["", "-journal"]);
  copySound(database, newPath);
  database.close();
  keepDamaged(path);
  removeAll(path, ["-wal", "-shm"]); // first, because SQLite would add an old -wal to the new file
  guard.replaceBy(newPath);
}

function copySound(from: DatabaseSync, path: string): void {
  using to = new DatabaseSync(path);
  const version = versionOf(from);
  migrate(to, MIGRATIONS.slice(0, version));
  to.exec("BEGIN");
  for (const table of ["entries", "sent_ids"]) copyRows(table, from, to);
  copyJournal(from, to, version);
  to.exec("COMMIT");
}

function copyRows(table: string, from: DatabaseSync, to: DatabaseSync): void {
  const columns = to.prepare(`SELECT * FROM ${table}`).columns().length;
  const insert = insertion(table, columns, to);
  for (const row of readableRows(table, from)) insertIfSound(insert, Object.values(row));
}

/** Without this row, the state of the file is damaged, and is derived from the entries. */
function copyJournal(from: DatabaseSync, to: DatabaseSync, version: number): void {
  const [row] = readable(() => from.prepare("SELECT * FROM journal").all()) ?? [];
  if (row === undefined || (version > 1 && !isSound(row))) return;
  const newest = to.prepare("SELECT max(sequence) AS sequence FROM entries").get();
  const head = Math.max(Number(row.head), Number(newest?.sequence));
  const values = [1, String(row.epoch), head, head];
  if (version > 1) values.push(checksumOf(values));
  insertion("journal", values.length, to).run(...values);
}

function insertion(table: string, columns: number, database: DatabaseSync): StatementSync {
  return database.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${Array(columns).fill("?").join()})`);
}

/** A damaged row may have a value that does not fit its column. */
function insertIfSound(insert: StatementSync, values: SQLInputValue[]): void {
  try {
    insert.run(...values);
  } catch (error) {
    if (!(error instanceof Error && /cannot store|constraint|mismatch/.test(error.message))) throw error;
  }
}

/** Yields the rows that can be read, in their order. Where a page is damaged, it goes on after that page. */
function* readableRows(table: string, database: DatabaseSync): Generator<Record<string, SQLInputValue>> {
  const after = database.prepare(`SELECT * FROM ${table} WHERE sequence > ? ORDER BY sequence LIMIT 1`);
  const next = (sequence: number) => readable(() => after.get(sequence) ?? null);
  for (let last = 0;;) {
    const row = next(last);
    if (row === null) return;
    if (row !== undefined) {
      yield row;
      last = Number(row.sequence);
    } else {
      const resume = firstReadable(last, (sequence) => next(sequence) !== undefined);
      if (resume === undefined) return;
      last = resume;
    }
  }
}

/** Finds the smallest number above `last` where reading works: first in steps that double, then between the last two. */
function firstReadable(last: number, isReadable: (sequence: number) => boolean): number | undefined {
  let step = 1;
  while (!isReadable(last + step)) {
    step *= 2;
    if (last + step > Number.MAX_SAFE_INTEGER) return undefined;
  }
  let low = last + Math.floor(step / 2), high = last + step;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isReadable(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Undefined if the row or its page is damaged. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isMalformedError(error) || error instanceof RangeError) return undefined;
    throw error;
  }
}

function keepDamaged(path: string): void {
  try {
    removeAll(path, ["-damaged"]);
    Deno.linkSync(path, `${path}-damaged`);
  } catch {
    // It is only for people who want to look at it.
  }
}

function removeAll(path: string, suffixes: readonly string[]): void {
  for (const suffix of suffixes) {
    try {
      Deno.removeSync(path + suffix);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
