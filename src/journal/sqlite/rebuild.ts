/** Rebuilding: copies a file that is damaged, or mostly empty, into a new one, and puts that in its place. */

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { checksumOf, isSound } from "./checksum.ts";
import type { FileGuard } from "./file_guard.ts";
import { migrate, MIGRATIONS, NUMBERED_TABLES, versionOf } from "./schema.ts";

const CHUNK_ROWS = 256;

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
  const newPath = create(guard, (path) => copySound(database, path));
  database.close();
  keepDamaged(guard.path);
  replace(guard, newPath);
}

/**
 * Rebuilds a sound file without its free pages, and closes the database.
 *
 * @throws if there is no room for the new file; the database is then as it was
 */
export function compact(database: DatabaseSync, guard: FileGuard): void {
  const newPath = create(guard, (path) => copyAll(database, path));
  database.close();
  replace(guard, newPath);
}

function create({ path }: FileGuard, write: (path: string) => void): string {
  const newPath = `${path}-rebuilt`;
  const remove = () => removeAll(newPath, ["", "-journal"]);
  remove();
  try {
    write(newPath);
    return newPath;
  } catch (error) {
    remove();
    throw error;
  }
}

function replace(guard: FileGuard, newPath: string): void {
  removeAll(guard.path, ["-wal", "-shm"]); // first, because SQLite would add an old -wal to the new file
  guard.replaceBy(newPath);
}

/** SQLite's own `VACUUM INTO` would need permission for all files. */
function copyAll(from: DatabaseSync, path: string): void {
  using to = new DatabaseSync(path);
  migrate(to);
  to.exec("BEGIN");
  for (const table of ["journal", "gaps", "losses"]) {
    const insert = insertion(table, to);
    for (const row of from.prepare(`SELECT * FROM ${table}`).all()) insert.run(...Object.values(row));
  }
  for (const table of tablesOfRows(to)) copyTable(table, from, to);
  to.exec("COMMIT");
}

/** Copies rows in chunks, which takes half the time, and one by one if one of them cannot be read. */
function copyTable(table: string, from: DatabaseSync, to: DatabaseSync): void {
  const insert = insertion(table, to);
  const after = from.prepare(
    `SELECT * FROM ${table} WHERE sequence > ? ORDER BY sequence LIMIT ${CHUNK_ROWS}`,
  );
  for (let last = 0;;) {
    const rows = readable(() => after.all(last));
    if (rows === undefined) return copyRows(table, from, to); // it skips those that were copied
    for (const row of rows) insertIfSound(insert, Object.values(row));
    if (rows.length === 0) return;
    last = Number(rows.at(-1)?.sequence);
  }
}

function copySound(from: DatabaseSync, path: string): void {
  using to = new DatabaseSync(path);
  const version = readable(() => versionOf(from)) ?? MIGRATIONS.length;
  migrate(to, MIGRATIONS.slice(0, version));
  to.exec("BEGIN");
  for (const table of tablesOfRows(to)) copyRows(table, from, to);
  copyJournal(from, to, version);
  to.exec("COMMIT");
}

/** The tables whose rows are copied one by one, as far as the version of the file has them. */
function tablesOfRows(database: DatabaseSync): string[] {
  const exists = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  return NUMBERED_TABLES.filter((table) => exists.get(table) !== undefined);
}

function copyRows(table: string, from: DatabaseSync, to: DatabaseSync): void {
  const insert = insertion(table, to);
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
  insertion("journal", to).run(...values);
}

function insertion(table: string, database: DatabaseSync): StatementSync {
  const places = database.prepare(`SELECT * FROM ${table}`).columns().map(() => "?").join();
  return database.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${places})`);
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
  const sql = `SELECT * FROM ${table} WHERE sequence > ? ORDER BY sequence LIMIT 1`;
  const after = readable(() => database.prepare(sql));
  if (after === undefined) return; // the schema is damaged
  const next = (sequence: number) => {
    const row = readable(() => after.get(sequence) ?? null);
    const isInOrder = row === null || Number(row?.sequence) > sequence; // not in a page that belongs elsewhere
    return isInOrder ? row : undefined;
  };
  for (let last = 0;;) {
    const row = next(last);
    if (row === null) return;
    const resume = row === undefined
      ? firstReadable(last, (sequence) => next(sequence) !== undefined)
      : Number(row.sequence);
    if (row !== undefined) yield row;
    if (resume === undefined) return;
    last = resume;
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
