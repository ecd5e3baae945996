/** SubscriptionStore: where a single node keeps its push subscriptions. */

import type { Subscription } from "./subscriptions.ts";

/** A subscription as it is stored. One that is changed is a new one, and the former is removed. */
export interface StoredSubscription extends Subscription {
  /** Unique, also after a restart. A newer subscription has a greater one. */
  readonly sequence: number;
}

/** What is written together. A subscription may be among both. */
export interface SubscriptionChanges {
  readonly added: readonly StoredSubscription[];
  /** The sequence numbers of subscriptions to remove. */
  readonly removed: readonly number[];
}

/** Rejects with the `UnavailableError` of the journal's port. */
export interface SubscriptionStore {
  /** Yields all subscriptions, in the order of their sequence numbers. */
  load(): AsyncIterable<readonly StoredSubscription[]>;
  /** Resolves when all changes are kept. If it rejects, none is. */
  write(changes: SubscriptionChanges): Promise<void>;
}
