/** Startup of the SQLite journal: reads the state of its file, and chooses the sequence numbers of this run. */

import type { DatabaseSync } from "node:sqlite";
import type { Gap } from "../index/sequencer.ts";
import { checksumOf, isSound, type Row } from "./checksum.ts";
import { NUMBERED_TABLES } from "./schema.ts";

/** A target (null: everyone) had too many entries, and lost those up to this sequence number. */
export interface Loss {
  readonly target: string | null;
  readonly sequence: number;
}

/** The state of the file when it is opened. */
export interface FileState {
  readonly epoch: string;
  /** The sequence number of the newest entry. */
  readonly head: number;
  /** The sequence number of the next entry. */
  readonly start: number;
  readonly gaps: readonly Gap[];
  /** Any target may have lost entries up to this sequence number. */
  readonly completeAfter: number;
  readonly losses: readonly Loss[];
  /** The number of damaged rows and other parts of the file, without entries and sent ids. */
  readonly damaged: number;
}

/** Stands for everyone in the column of a loss's target, where no target is empty. */
export const EVERYONE = "";

const MAX = Number.MAX_SAFE_INTEGER;
/** Rows whose numbers are larger than any that is issued. */
const IMPOSSIBLE = NUMBERED_TABLES.map((table) => `FROM ${table} WHERE sequence > ${MAX}`);

const MIN_SKIPPED = 2 ** 20;
const RUNS = 2 ** 17;

/**
 * Reads the state. The content of a damaged row is unknown, so any target may then have lost any entry up to the head.
 *
 * @param isIncomplete true if parts of the file were found damaged already
 * @param freshEpoch the epoch of a file that has none
 */
export function readState(
  database: DatabaseSync,
  { isIncomplete, freshEpoch }: { isIncomplete: boolean; freshEpoch: string },
): FileState {
  const journal = soundRows(database, "journal");
  const gaps = soundRows(database, "gaps");
  const losses = soundRows(database, "losses");
  const impossible = IMPOSSIBLE.reduce(
    (sum, rows) => sum + numberOf(database, `SELECT count(*) AS n ${rows}`),
    0,
  );
  const newest = newestEntryIn(database);
  const lastSkipped = Math.max(0, ...gaps.rows.map(({ before }) => Number(before)));
  const [row] = journal.rows;
  const isLost = row === undefined && journal.damaged === 0 && (newest > 0 || lastSkipped > 0);
  const damaged = Number(isIncomplete) + Number(isLost) + impossible + journal.damaged + gaps.damaged +
    losses.damaged;
  // The newest entry may be newer than the state, which is not written with every entry.
  const newestKnown = Math.max(Number(row?.head ?? 0), newest);
  const start = startAfter(Math.max(newestKnown, lastSkipped));
  const lostThrough = Number(row?.lost_through ?? 0);
  // What is lost may be newer than everything that is known, so the loss reaches up to this run.
  const isEndUnknown = damaged > 0 || lostThrough > newestKnown;
  const head = isEndUnknown ? start - 1 : newestKnown;
  const completeAfter = isEndUnknown ? head : lostThrough;
  const skipped = { after: newestKnown, before: start - 1 };
  return {
    epoch: String(row?.epoch ?? epochOfEntries(database) ?? freshEpoch),
    head,
    start,
    gaps: [...gaps.rows.map(toGap).filter(({ after }) => after !== newestKnown), skipped]
      .filter(({ before }) => before > completeAfter),
    completeAfter,
    losses: losses.rows.map(toLoss).filter(({ sequence }) => sequence > completeAfter),
    damaged,
  };
}

/**
 * Records the beginning of a run, the time from one opening of the file to the next. It must be called in a
 * transaction, before the run writes anything else.
 */
export function recordRun(
  database: DatabaseSync,
  { epoch, head, gaps, completeAfter, losses }: FileState,
): void {
  for (const rows of ["FROM journal", "FROM gaps", "FROM losses", ...IMPOSSIBLE]) {
    database.exec(`DELETE ${rows}`);
  }
  insert(database, "journal", [1, epoch, head, completeAfter]);
  for (const { after, before } of gaps) insert(database, "gaps", [after, before]);
  for (const { target, sequence } of losses) insert(database, "losses", [target ?? EVERYONE, sequence]);
}

/**
 * Records that the file is a backup, and that what came after it is lost: a loss beyond the newest entry stands for that.
 * A file whose state is damaged counts as such a file anyway.
 */
export function recordRestore(database: DatabaseSync): void {
  const [row] = soundRows(database, "journal").rows;
  if (row === undefined) return;
  const head = Math.max(Number(row.head), newestEntryIn(database));
  database.exec("DELETE FROM journal");
  insert(database, "journal", [1, String(row.epoch), head, head + 1]);
}

/**
 * Chooses the first sequence number of a run, at a random distance from all earlier numbers.
 *
 * A tab may hold a position that this file does not know: a power cut took the entry back, the file was restored from
 * a backup, or it was copied and both copies were used. The tab has not read what this run stores, so its position must
 * not be taken for one of this run. It is not, unless both runs chose nearly the same distance: the probability is the
 * number of their entries divided by the span of the distances.
 *
 * The span is a fixed part of the numbers that are left: 2^36 of 2^53 in a new file, which makes the probability one in
 * 68,000 for a million entries. A run takes half of it on average, so that 2^18 runs leave 1/e of the numbers. The span
 * is then still 2^34.5, and 2^30 after a million runs. The numbers never run out.
 */
function startAfter(last: number): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  const span = (MAX - last) / RUNS;
  return last + MIN_SKIPPED + Math.floor(random / 2 ** 32 * span);
}

function soundRows(database: DatabaseSync, table: string): { rows: Row[]; damaged: number } {
  try {
    const all = database.prepare(`SELECT * FROM ${table}`).all();
    const rows = all.filter(isSound);
    return { rows, damaged: all.length - rows.length };
  } catch (error) {
    if (error instanceof RangeError) return { rows: [], damaged: 1 }; // a number is larger than any that is written
    throw error;
  }
}

function newestEntryIn(database: DatabaseSync): number {
  return numberOf(database, `SELECT max(sequence) AS n FROM entries WHERE sequence <= ${MAX}`);
}

/** Each entry's text has its position, which begins with the epoch. */
function epochOfEntries(database: DatabaseSync): string | undefined {
  const before = database.prepare("SELECT * FROM entries WHERE sequence < ? ORDER BY sequence DESC LIMIT 1");
  for (let sequence = MAX;;) {
    const row = before.get(sequence);
    if (row === undefined) return undefined;
    const [, epoch] = (isSound(row) && /","position":"(\w{8})-/.exec(String(row.text))) || [];
    if (epoch !== undefined) return epoch;
    sequence = Number(row.sequence);
  }
}

function numberOf(database: DatabaseSync, sql: string): number {
  return Number(database.prepare(sql).get()?.n);
}

function insert(database: DatabaseSync, table: string, values: readonly (string | number)[]): void {
  const places = values.map(() => "?").join();
  database.prepare(`INSERT INTO ${table} VALUES (${places}, ?)`).run(...values, checksumOf(values));
}

function toGap({ after, before }: Row): Gap {
  return { after: Number(after), before: Number(before) };
}

function toLoss({ target, sequence }: Row): Loss {
  return { target: target === EVERYONE ? null : String(target), sequence: Number(sequence) };
}
