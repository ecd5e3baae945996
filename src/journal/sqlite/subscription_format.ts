/** How push subscriptions are stored in the SQLite journal's file. */

import type { StoredSubscription } from "../../push/subscription_store.ts";
import type { RowFormat } from "./beside_table.ts";

export const SUBSCRIPTION_FORMAT: RowFormat<StoredSubscription> = {
  table: "push_subscriptions",
  columns: 7,
  valuesOf({ sequence, id, target, endpoint, p256dh, auth, origin }) {
    return [sequence, id, target, endpoint, p256dh, auth, origin];
  },
  parse: (row) => ({
    sequence: Number(row.sequence),
    id: String(row.id),
    target: String(row.target),
    endpoint: String(row.endpoint),
    p256dh: String(row.p256dh),
    auth: String(row.auth),
    origin: row.origin === null ? null : String(row.origin),
  }),
};
