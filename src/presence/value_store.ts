/** ValueStore: where a single node keeps one value for each target. */

import type { RowStore } from "../journal/row_store.ts";

/** The value of a target as it is stored. */
export interface TargetValue {
  /** Unique for each target in the store. */
  readonly sequence: number;
  readonly target: string;
  readonly value: string;
}

export type ValueStore = RowStore<TargetValue>;
