/** The backend of a node that keeps everything in a SQLite file. */

import { SqliteJournal } from "../journal/sqlite/sqlite_journal.ts";
import { NEVER_SEEN } from "../presence/last_seen.ts";
import { StoredLastSeen } from "../presence/stored_last_seen.ts";
import { StoredPresence } from "../presence/stored_presence.ts";
import { StoredSubscriptions } from "../push/stored_subscriptions.ts";
import { StoredRevocations } from "../revocation/stored_revocations.ts";
import { StoredSchedule } from "../schedule/stored_schedule.ts";
import type { Config } from "../config/config.ts";
import type { Backend, BackendDeps } from "./backend.ts";
import { logHealth } from "./health_log.ts";
import { log } from "./log.ts";
import { singleNodeBackend } from "./single_node_backend.ts";

export async function openSqliteBackend(
  { path, synchronous }: Extract<Config["journal"], { kind: "sqlite" }>,
  deps: BackendDeps,
): Promise<Backend> {
  const {
    config: { retention, lastSeenSeconds, presenceWebhook },
    feed,
    now,
    failed,
    metrics,
    onHealthChange,
  } = deps;
  const journal = await SqliteJournal.open(path, feed, {
    retention,
    synchronous,
    now,
    onFailure: failed,
    onHealthChange(state, reason) {
      logHealth(state, { path, reason });
      onHealthChange({ isReachable: state !== "lost", isWritable: state === "ok" });
    },
    onDamage(rows) {
      metrics.foundDamage(rows);
      log.error("{path} is damaged: {rows} of its rows are skipped", { path, rows });
    },
  });
  const schedule = await StoredSchedule.open(journal.scheduleRows, deps.schedule);
  const subscriptions = await StoredSubscriptions.open(journal.subscriptionRows, deps.subscriptions);
  const rows = journal.valueRows;
  const lastSeen = lastSeenSeconds === 0
    ? NEVER_SEEN
    : await StoredLastSeen.open(rows.lastSeen, { ...deps.lastSeen, now });
  const onErasedGone = () => void journal.wipe().catch(deps.report);
  const presence = presenceWebhook === null
    ? null
    : await StoredPresence.open(rows.presence, { ...deps.presence, onErasedGone });
  const revocations = await StoredRevocations.open(journal.revocationRows, deps.revocations);
  return {
    ...singleNodeBackend({ journal, schedule, subscriptions, lastSeen, presence, revocations }, deps),
    wipe: () => journal.wipe(),
    isReachable: () => journal.health !== "lost",
    isWritable: () => journal.health === "ok",
  };
}
