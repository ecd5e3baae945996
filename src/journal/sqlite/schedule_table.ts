/** ScheduleTable: reads and writes the rows of what is scheduled in the SQLite journal's file, each with its checksum. */

import { Buffer } from "node:buffer";
import type { DatabaseSync } from "node:sqlite";
import type { RecordChanges, StoredMeta } from "../../schedule/record_store.ts";
import { checksumOf, type Row } from "./checksum.ts";
import { type RowPage, scan, textsOf } from "./rows.ts";

export class ScheduleTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync) {
    this.#statements = prepare(database);
  }

  /** Returns up to `max` records after a sequence number, without their contents. */
  after(sequence: number, max: number): RowPage<StoredMeta> {
    const { after, next } = this.#statements;
    return scan({ rowsAfter: after, next, parse: toMeta }, sequence, max);
  }

  /** Returns the contents of records; null for one that is damaged or missing. */
  contents(sequences: readonly number[]): (string | null)[] {
    return textsOf(sequences, { rowOf: this.#statements.record, column: "content" });
  }

  /** Must be called in a transaction. */
  apply({ put, removed }: RecordChanges): void {
    for (const { sequence, key, digest, addedAt, dueAt, isDone, content } of put) {
      const [added, due] = [Math.ceil(addedAt), Math.ceil(dueAt)]; // the columns refuse all but integers
      const values = [sequence, key, digest, added, due, Number(isDone), content];
      this.#statements.put.run(...values, checksumOf(values));
    }
    for (const sequence of removed) this.#statements.remove.run(sequence);
  }
}

function prepare(database: DatabaseSync) {
  return {
    after: database.prepare("SELECT * FROM scheduled WHERE sequence > ? ORDER BY sequence LIMIT ?"),
    next: database.prepare("SELECT min(sequence) AS sequence FROM scheduled WHERE sequence > ?"),
    record: database.prepare("SELECT * FROM scheduled WHERE sequence = ?"),
    put: database.prepare("INSERT OR REPLACE INTO scheduled VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
    remove: database.prepare("DELETE FROM scheduled WHERE sequence = ?"),
  };
}

function toMeta(row: Row): StoredMeta {
  return {
    sequence: Number(row.sequence),
    key: String(row.key),
    digest: String(row.digest),
    addedAt: Number(row.added_at),
    dueAt: Number(row.due_at),
    isDone: row.is_done === 1,
    bytes: Buffer.byteLength(String(row.content)),
  };
}
