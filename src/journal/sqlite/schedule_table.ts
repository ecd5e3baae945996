/** ScheduleTable: reads and writes the rows of what is scheduled in the SQLite journal's file. */

import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StoredMeta, StoredRecord } from "../../schedule/record_store.ts";
import { BesideTable, type RowFormat } from "./beside_table.ts";
import { textsOf } from "./rows.ts";

/** Records are read without their contents. */
const SCHEDULE_FORMAT: RowFormat<StoredMeta, StoredRecord> = {
  table: "scheduled",
  columns: 7,
  valuesOf({ sequence, key, digest, addedAt, dueAt, isDone, content }) {
    const [added, due] = [Math.ceil(addedAt), Math.ceil(dueAt)]; // the columns refuse all but integers
    return [sequence, key, digest, added, due, Number(isDone), content];
  },
  parse: (row) => ({
    sequence: Number(row.sequence),
    key: String(row.key),
    digest: String(row.digest),
    addedAt: Number(row.added_at),
    dueAt: Number(row.due_at),
    isDone: row.is_done === 1,
    bytes: Buffer.byteLength(String(row.content)),
  }),
};

export class ScheduleTable extends BesideTable<StoredMeta, StoredRecord> {
  readonly #record: StatementSync;

  constructor(database: DatabaseSync) {
    super(database, SCHEDULE_FORMAT);
    this.#record = database.prepare("SELECT * FROM scheduled WHERE sequence = ?");
  }

  /** Returns the contents of records; null for one that is damaged or missing. */
  contents(sequences: readonly number[]): (string | null)[] {
    return textsOf(sequences, { rowOf: this.#record, column: "content" });
  }
}
