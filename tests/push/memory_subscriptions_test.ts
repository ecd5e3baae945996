/** The memory store of push subscriptions fulfils the contract. */

import { memorySubscriptions } from "../../src/push/memory_subscriptions.ts";
import { subscriptionsContract } from "../contracts/subscriptions.ts";

subscriptionsContract("memorySubscriptions", (options) => {
  const subscriptions = memorySubscriptions(options);
  return Promise.resolve({ subscriptions, [Symbol.asyncDispose]: () => subscriptions.close() });
});
