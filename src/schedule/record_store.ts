/** RecordStore: where a schedule of a single node keeps its records. */

import type { RowChanges, RowStore } from "../journal/row_store.ts";
import type { ScheduledRecord } from "./schedule.ts";

/** A record as it is stored. One that is done has no content any more. */
export interface StoredRecord extends ScheduledRecord {
  /** Unique for each record, also after a restart. */
  readonly sequence: number;
  readonly isDone: boolean;
}

/** A record without its content. */
export type StoredMeta = Omit<StoredRecord, "content"> & {
  /** The length of the content in bytes of UTF-8. */
  readonly bytes: number;
};

export type RecordChanges = RowChanges<StoredRecord>;

/** Records are loaded without their contents. */
export interface RecordStore extends RowStore<StoredMeta, StoredRecord> {
  /** Resolves with the contents of records; null for one that is damaged or missing. */
  contents(sequences: readonly number[]): Promise<(string | null)[]>;

  /** Called with the number of records that were to be there, and whose contents were null. */
  foundDamage(records: number): void;
}
