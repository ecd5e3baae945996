/** ValueStore: where a single node keeps one value for each target. */

/** The value of a target as it is stored. */
export interface TargetValue {
  /** Unique for each target in the store. */
  readonly sequence: number;
  readonly target: string;
  readonly value: string;
}

/** What is written together. */
export interface ValueChanges {
  /** Values that are new, or replace those of the same sequence number. */
  readonly put: readonly TargetValue[];
  /** The sequence numbers of values to remove. */
  readonly removed: readonly number[];
}

/** Rejects with the `UnavailableError` of the journal's port. */
export interface ValueStore {
  /** Yields all values, in the order of their sequence numbers. */
  load(): AsyncIterable<readonly TargetValue[]>;
  /** Resolves when all changes are kept. If it rejects, none is. */
  write(changes: ValueChanges): Promise<void>;
}

/** What the node has in memory anyway need not be kept again. */
export const NOWHERE: ValueStore = {
  async *load() {},
  write: () => Promise.resolve(),
};
