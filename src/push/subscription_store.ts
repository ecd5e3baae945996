/** SubscriptionStore: where a single node keeps its push subscriptions. */

import type { RowStore } from "../journal/row_store.ts";
import type { Subscription } from "./subscriptions.ts";

/** A subscription as it is stored. One that is changed is a new one, and the former is removed. */
export interface StoredSubscription extends Subscription {
  /** Unique, also after a restart. A newer subscription has a greater one. */
  readonly sequence: number;
}

export type SubscriptionStore = RowStore<StoredSubscription>;
