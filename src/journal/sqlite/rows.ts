/** Reads rows of the SQLite journal's file, any of which may be damaged. */

import type { StatementSync } from "node:sqlite";
import { isSound, type Row } from "./checksum.ts";
import { isMalformedError } from "./rebuild.ts";

/** A row that is not what was written. */
export interface DamagedRow {
  readonly sequence: number;
  /** True unless the row is certainly no mark. */
  readonly mayBeMark: boolean;
}

/** Rows in the order of their sequence numbers. */
export interface RowPage<R> {
  readonly rows: readonly R[];
  readonly damaged: readonly DamagedRow[];
  /** The sequence number of the last row, damaged or not. Null: there are no more rows. */
  readonly last: number | null;
}

const CHUNK_ROWS = 64;
/** Selects an entry by its sequence number. */
export const ENTRY = "SELECT * FROM entries WHERE sequence = ?";
/** The kinds of entries. */
export const NOTIFICATION = 0, NOTIFICATION_WITH_TTL = 1, MARK = 2;

/**
 * Reads rows in small chunks, because texts may be large. Where a chunk cannot be read, it reads the rows one by one.
 * `StatementSync.iterate` is no alternative: in Deno 2.9.6, it ends without an error at such a row.
 */
export function scan<R>(
  { rowsAfter, next, parse }: { rowsAfter: StatementSync; next: StatementSync; parse: (row: Row) => R },
  sequence: number,
  max: number,
): RowPage<R> {
  const rows: R[] = [], damaged: DamagedRow[] = [];
  let last = sequence, chunk = CHUNK_ROWS;
  for (let found = chunk; found > 0 && rows.length + damaged.length < max;) {
    try {
      const read = rowsAfter.all(last, chunk);
      for (const row of read) {
        if (isSound(row)) rows.push(parse(row));
        else damaged.push({ sequence: Number(row.sequence), mayBeMark: mayBeMark(row) });
      }
      last = Number(read.at(-1)?.sequence ?? last);
      found = read.length;
      chunk = CHUNK_ROWS;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // a number of the row is larger than any that is written
      if (chunk === 1) {
        last = Number(next.get(last)?.sequence);
        damaged.push({ sequence: last, mayBeMark: true });
      }
      chunk = 1;
    }
  }
  return { rows, damaged, last: rows.length + damaged.length === 0 ? null : last };
}

/** One of both may be damaged. */
function mayBeMark({ kind, text }: Row): boolean {
  return kind === MARK || !String(text).startsWith("{");
}

/** A column, and the statement that selects the row with a sequence number. */
export interface ColumnOfRow {
  readonly rowOf: StatementSync;
  readonly column: string;
}

/** Returns a column of the rows with these sequence numbers; null for a row that is damaged or missing. */
export function textsOf(sequences: readonly number[], from: ColumnOfRow): (string | null)[] {
  return sequences.map((sequence) => textOf(sequence, from));
}

/** Does what `textsOf` does, for one row. */
export function textOf(sequence: number, { rowOf, column }: ColumnOfRow): string | null {
  try {
    const row = rowOf.get(sequence);
    return row !== undefined && isSound(row) ? String(row[column]) : null;
  } catch (error) {
    if (isMalformedError(error) || error instanceof RangeError) return null;
    throw error;
  }
}
