/** SubscriptionRows: the part of the SQLite journal's file that keeps push subscriptions. */

import type {
  StoredSubscription,
  SubscriptionChanges,
  SubscriptionStore,
} from "../../push/subscription_store.ts";
import type { JournalHealth } from "./health.ts";
import { loadSound } from "./load.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";
import { writeBeside } from "./write_beside.ts";

export interface SubscriptionRowsDeps {
  readonly file: Pick<SqliteWorkerClient, "subscriptionsAfter" | "writeSubscriptions">;
  readonly health: JournalHealth;
  /** Called with the number of rows that turned out to be damaged. */
  readonly onDamage: (rows: number) => void;
}

const PAGE_ROWS = 1_000;

export class SubscriptionRows implements SubscriptionStore {
  readonly #deps: SubscriptionRowsDeps;

  constructor(deps: SubscriptionRowsDeps) {
    this.#deps = deps;
  }

  load(): AsyncGenerator<readonly StoredSubscription[], void> {
    const { file, onDamage } = this.#deps;
    return loadSound((last) => file.subscriptionsAfter(last, PAGE_ROWS), {
      onDamage,
      remove: (removed) => this.write({ added: [], removed }),
    });
  }

  write(changes: SubscriptionChanges): Promise<void> {
    const { file, health } = this.#deps;
    return writeBeside(health, () => file.writeSubscriptions(changes));
  }
}
