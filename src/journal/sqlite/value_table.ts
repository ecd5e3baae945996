/** ValueTable: reads and writes a table in the SQLite journal's file that has a value for each target, with a checksum. */

import type { DatabaseSync } from "node:sqlite";
import type { TargetValue, ValueChanges } from "../../presence/value_store.ts";
import { checksumOf, type Row } from "./checksum.ts";
import { type RowPage, scan } from "./rows.ts";

/** The tables of this kind. */
export type ValueTableName = "presence" | "last_seen";

export class ValueTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync, table: ValueTableName) {
    this.#statements = prepare(database, table);
  }

  /** Returns up to `max` values after a sequence number. */
  after(sequence: number, max: number): RowPage<TargetValue> {
    const { after, next } = this.#statements;
    return scan({ rowsAfter: after, next, parse: toTargetValue }, sequence, max);
  }

  /** Must be called in a transaction. */
  apply({ put, removed }: ValueChanges): void {
    for (const { sequence, target, value } of put) {
      const values = [sequence, target, value];
      this.#statements.put.run(...values, checksumOf(values));
    }
    for (const sequence of removed) this.#statements.remove.run(sequence);
  }
}

function prepare(database: DatabaseSync, table: ValueTableName) {
  return {
    after: database.prepare(`SELECT * FROM ${table} WHERE sequence > ? ORDER BY sequence LIMIT ?`),
    next: database.prepare(`SELECT min(sequence) AS sequence FROM ${table} WHERE sequence > ?`),
    put: database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?, ?)`),
    remove: database.prepare(`DELETE FROM ${table} WHERE sequence = ?`),
  };
}

function toTargetValue(row: Row): TargetValue {
  return { sequence: Number(row.sequence), target: String(row.target), value: String(row.value) };
}
