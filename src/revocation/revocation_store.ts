/** RevocationStore: where a single node keeps its revocations. */

import type { RowStore } from "../journal/row_store.ts";
import type { Revocation } from "./revocations.ts";

/** A revocation as it is stored. One that is extended is a new one, and the former is removed. */
export interface StoredRevocation {
  /** Unique, also after a restart. */
  readonly sequence: number;
  readonly revocation: Revocation;
}

export type RevocationStore = RowStore<StoredRevocation>;
