/** TablesBeside: the tables in the journal's file that are not the journal's own. */

import type { DatabaseSync } from "node:sqlite";
import { RevocationTable } from "./revocation_table.ts";
import { ScheduleTable } from "./schedule_table.ts";
import { SubscriptionTable } from "./subscription_table.ts";
import { ValueTable, type ValueTableName } from "./value_table.ts";

export class TablesBeside {
  readonly scheduled: ScheduleTable;
  readonly subscriptions: SubscriptionTable;
  readonly values: Readonly<Record<ValueTableName, ValueTable>>;
  readonly revocations: RevocationTable;

  constructor(database: DatabaseSync) {
    this.scheduled = new ScheduleTable(database);
    this.subscriptions = new SubscriptionTable(database);
    this.values = {
      presence: new ValueTable(database, "presence"),
      last_seen: new ValueTable(database, "last_seen"),
    };
    this.revocations = new RevocationTable(database);
  }
}
