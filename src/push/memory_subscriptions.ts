/** The memory store of push subscriptions: keeps them until the process ends. */

import { StoredSubscriptions } from "./stored_subscriptions.ts";
import type { SubscriptionStore } from "./subscription_store.ts";
import type { Subscriptions, SubscriptionsOptions } from "./subscriptions.ts";

/** What the node has in memory anyway need not be kept again. */
const NOWHERE: SubscriptionStore = {
  async *load() {},
  write: () => Promise.resolve(),
};

export function memorySubscriptions(options: SubscriptionsOptions): Subscriptions {
  return new StoredSubscriptions(NOWHERE, options);
}
