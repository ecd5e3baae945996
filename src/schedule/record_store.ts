/** RecordStore: where a schedule of a single node keeps its records. */

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

/** What is written together. */
export interface RecordChanges {
  /** Records that are new, or replace those of the same sequence number. */
  readonly put: readonly StoredRecord[];
  /** The sequence numbers of records to remove. */
  readonly removed: readonly number[];
}

/** Rejects with the `UnavailableError` of the journal's port. */
export interface RecordStore {
  /** Yields all records, in the order of their sequence numbers. */
  load(): AsyncIterable<readonly StoredMeta[]>;
  /** Resolves with the contents of records; null for one that is damaged. */
  contents(sequences: readonly number[]): Promise<(string | null)[]>;
  /** Resolves when all changes are kept. If it rejects, none is. */
  write(changes: RecordChanges): Promise<void>;
}
