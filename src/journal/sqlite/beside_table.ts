/** BesideTable: reads and writes a table in the SQLite journal's file that is not the journal's own. */

import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { RowChanges } from "../row_store.ts";
import { checksumOf, type Row } from "./checksum.ts";
import { type RowPage, scan } from "./rows.ts";

/** How the rows of a table are stored. Its first column is `sequence`, and its last one the checksum. */
export interface RowFormat<Loaded, Written = Loaded> {
  readonly table: string;
  /** The number of values of a row, without the checksum. */
  readonly columns: number;
  /** Returns the values of a row, in the order of the columns, without the checksum. */
  readonly valuesOf: (row: Written) => SQLInputValue[];
  readonly parse: (row: Row) => Loaded;
}

export class BesideTable<Loaded, Written = Loaded> {
  readonly #format: RowFormat<Loaded, Written>;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync, format: RowFormat<Loaded, Written>) {
    this.#format = format;
    this.#statements = prepare(database, format);
  }

  /** Returns up to `max` rows after a sequence number. */
  after(sequence: number, max: number): RowPage<Loaded> {
    const { after, next } = this.#statements;
    return scan({ rowsAfter: after, next, parse: this.#format.parse }, sequence, max);
  }

  /** Must be called in a transaction. */
  apply({ put, removed }: RowChanges<Written>): void {
    for (const row of put) {
      const values = this.#format.valuesOf(row);
      this.#statements.put.run(...values, checksumOf(values));
    }
    for (const sequence of removed) this.#statements.remove.run(sequence);
  }
}

function prepare(database: DatabaseSync, { table, columns }: Pick<RowFormat<never>, "table" | "columns">) {
  return {
    after: database.prepare(`SELECT * FROM ${table} WHERE sequence > ? ORDER BY sequence LIMIT ?`),
    next: database.prepare(`SELECT min(sequence) AS sequence FROM ${table} WHERE sequence > ?`),
    put: database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (${"?, ".repeat(columns)}?)`),
    remove: database.prepare(`DELETE FROM ${table} WHERE sequence = ?`),
  };
}
