/** RowStore: where a single node keeps what a port of it, such as the revocations, has in memory. */

/** What is written together. A row may be among both: one that is changed is a new one, and the former is removed. */
export interface RowChanges<R> {
  /** Rows that are new, or replace those of the same sequence number. */
  readonly put: readonly R[];
  /** The sequence numbers of rows to remove. */
  readonly removed: readonly number[];
}

/**
 * Each row has a sequence number, which is unique, also after a restart. Rejects with the `UnavailableError` of the
 * journal's port.
 */
export interface RowStore<Loaded, Written = Loaded> {
  /** Yields all rows, in the order of their sequence numbers. */
  load(): AsyncIterable<readonly Loaded[]>;
  /** Resolves when all changes are kept. If it rejects, none is. */
  write(changes: RowChanges<Written>): Promise<void>;
}

/** What the node has in memory anyway need not be kept again. */
export const NOWHERE: RowStore<never> = {
  async *load() {},
  write: () => Promise.resolve(),
};
