/** SubscriptionTable: reads and writes the push subscriptions in the SQLite journal's file, each with its checksum. */

import type { DatabaseSync } from "node:sqlite";
import type { StoredSubscription, SubscriptionChanges } from "../../push/subscription_store.ts";
import { checksumOf, type Row } from "./checksum.ts";
import { type RowPage, scan } from "./rows.ts";

export class SubscriptionTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync) {
    this.#statements = prepare(database);
  }

  /** Returns up to `max` subscriptions after a sequence number. */
  after(sequence: number, max: number): RowPage<StoredSubscription> {
    const { after, next } = this.#statements;
    return scan({ rowsAfter: after, next, parse: toSubscription }, sequence, max);
  }

  /** Must be called in a transaction. */
  apply({ added, removed }: SubscriptionChanges): void {
    for (const { sequence, id, target, endpoint, p256dh, auth, origin } of added) {
      const values = [sequence, id, target, endpoint, p256dh, auth, origin];
      this.#statements.insert.run(...values, checksumOf(values));
    }
    for (const sequence of removed) this.#statements.remove.run(sequence);
  }
}

function prepare(database: DatabaseSync) {
  return {
    after: database.prepare("SELECT * FROM push_subscriptions WHERE sequence > ? ORDER BY sequence LIMIT ?"),
    next: database.prepare("SELECT min(sequence) AS sequence FROM push_subscriptions WHERE sequence > ?"),
    insert: database.prepare("INSERT OR REPLACE INTO push_subscriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
    remove: database.prepare("DELETE FROM push_subscriptions WHERE sequence = ?"),
  };
}

function toSubscription(row: Row): StoredSubscription {
  return {
    sequence: Number(row.sequence),
    id: String(row.id),
    target: String(row.target),
    endpoint: String(row.endpoint),
    p256dh: String(row.p256dh),
    auth: String(row.auth),
    origin: row.origin === null ? null : String(row.origin),
  };
}
