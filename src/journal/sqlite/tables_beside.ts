/** TablesBeside: the tables in the journal's file that are not the journal's own. */

import type { DatabaseSync } from "node:sqlite";
import type { TargetValue } from "../../presence/value_store.ts";
import type { StoredSubscription } from "../../push/subscription_store.ts";
import type { StoredRevocation } from "../../revocation/revocation_store.ts";
import type { StoredMeta, StoredRecord } from "../../schedule/record_store.ts";
import type { RowChanges } from "../row_store.ts";
import { BesideTable } from "./beside_table.ts";
import { REVOCATION_FORMAT } from "./revocation_format.ts";
import type { RowPage } from "./rows.ts";
import { ScheduleTable } from "./schedule_table.ts";
import { SUBSCRIPTION_FORMAT } from "./subscription_format.ts";
import { valueFormat } from "./value_format.ts";

/** What is loaded from each table. */
export interface LoadedRows {
  scheduled: StoredMeta;
  push_subscriptions: StoredSubscription;
  presence: TargetValue;
  last_seen: TargetValue;
  revocations: StoredRevocation;
}

export type BesideName = keyof LoadedRows;

/** What is written to each table. */
export interface WrittenRows extends Omit<LoadedRows, "scheduled"> {
  scheduled: StoredRecord;
}

export class TablesBeside {
  readonly scheduled: ScheduleTable;
  readonly #tables: { readonly [N in BesideName]: BesideTable<LoadedRows[N], WrittenRows[N]> };

  constructor(database: DatabaseSync) {
    this.scheduled = new ScheduleTable(database);
    this.#tables = {
      scheduled: this.scheduled,
      push_subscriptions: new BesideTable(database, SUBSCRIPTION_FORMAT),
      presence: new BesideTable(database, valueFormat("presence")),
      last_seen: new BesideTable(database, valueFormat("last_seen")),
      revocations: new BesideTable(database, REVOCATION_FORMAT),
    };
  }

  /** Returns up to `max` rows of a table after a sequence number. */
  after(
    table: BesideName,
    { sequence, max }: { sequence: number; max: number },
  ): RowPage<LoadedRows[BesideName]> {
    return this.#tables[table].after(sequence, max);
  }

  /** Must be called in a transaction. */
  apply<N extends BesideName>(table: N, changes: RowChanges<WrittenRows[N]>): void {
    this.#tables[table].apply(changes);
  }
}
