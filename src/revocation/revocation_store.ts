/** RevocationStore: where a single node keeps its revocations. */

import type { Revocation } from "./revocations.ts";

/** A revocation as it is stored. One that is extended is a new one, and the former is removed. */
export interface StoredRevocation {
  /** Unique, also after a restart. */
  readonly sequence: number;
  readonly revocation: Revocation;
}

/** What is written together. */
export interface RevocationChanges {
  readonly added: readonly StoredRevocation[];
  /** The sequence numbers of revocations to remove. */
  readonly removed: readonly number[];
}

/** Rejects with the `UnavailableError` of the journal's port. */
export interface RevocationStore {
  /** Yields all revocations, in the order of their sequence numbers. */
  load(): AsyncIterable<readonly StoredRevocation[]>;
  /** Resolves when all changes are kept. If it rejects, none is. */
  write(changes: RevocationChanges): Promise<void>;
}
