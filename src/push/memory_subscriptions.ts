/** The memory store of push subscriptions: keeps them until the process ends. */

import { NOWHERE } from "../journal/row_store.ts";
import { StoredSubscriptions } from "./stored_subscriptions.ts";
import type { Subscriptions, SubscriptionsOptions } from "./subscriptions.ts";

export function memorySubscriptions(options: SubscriptionsOptions): Subscriptions {
  return new StoredSubscriptions(NOWHERE, options);
}
