/** The stores of a worker fulfil the contracts of the ports, as those of its owner do. */

import { MemoryJournal } from "../../src/journal/memory.ts";
import { memoryLastSeen } from "../../src/presence/memory_last_seen.ts";
import { memoryPresence } from "../../src/presence/memory_presence.ts";
import { memorySubscriptions } from "../../src/push/memory_subscriptions.ts";
import { memoryRevocations } from "../../src/revocation/memory_revocations.ts";
import { memorySchedule } from "../../src/schedule/memory.ts";
import type { Schedule } from "../../src/schedule/schedule.ts";
import type { OwnedStores } from "../../src/workers/owner_methods.ts";
import { RemoteRevocations } from "../../src/workers/remote_revocations.ts";
import { RemoteSchedule } from "../../src/workers/remote_schedule.ts";
import { createScheduleCells, ScheduleCells } from "../../src/workers/schedule_cells.ts";
import { SharedSchedule } from "../../src/workers/shared_schedule.ts";
import { remoteLastSeen, remotePresence, remoteSubscriptions } from "../../src/workers/remote_stores.ts";
import type { WorkerLink } from "../../src/workers/worker_link.ts";
import { lastSeenContract } from "../contracts/last_seen.ts";
import { presenceRecordsContract } from "../contracts/presence_records.ts";
import { revocationsContract } from "../contracts/revocations.ts";
import { scheduleContract } from "../contracts/schedule.ts";
import { subscriptionsContract } from "../contracts/subscriptions.ts";
import { LinkedIsolates } from "./linked_isolates.ts";

const RETENTION = { seconds: 60, perTarget: 10, bytes: 1024 * 1024 };

/** A worker of an owner with these stores. Disposing it closes what the owner has. */
function link(
  stores: Partial<OwnedStores>,
): { worker: WorkerLink; [Symbol.asyncDispose](): Promise<void> } {
  const isolates = new LinkedIsolates();
  isolates.own((feed) => new MemoryJournal(feed, RETENTION), stores);
  return {
    worker: isolates.join(1),
    async [Symbol.asyncDispose]() {
      for (const store of Object.values(stores)) if (typeof store === "object") await store?.close();
      isolates.close();
    },
  };
}

subscriptionsContract("remoteSubscriptions", (options) => {
  const subscriptions = memorySubscriptions(options);
  const { worker, ...linked } = link({ subscriptions });
  const remote = { ...remoteSubscriptions(worker.calls), close: () => subscriptions.close() };
  return Promise.resolve({ ...linked, subscriptions: remote });
});

revocationsContract("RemoteRevocations", (options) => {
  const owned = memoryRevocations({ ...options, onRevoked() {} });
  const { worker, ...linked } = link({ revocations: owned });
  const revocations = new RemoteRevocations(worker.calls, [], options);
  const stop = revocations.close.bind(revocations);
  revocations.close = async () => {
    await stop();
    await owned.close();
  };
  return Promise.resolve({
    revocations,
    async [Symbol.asyncDispose]() {
      await revocations.close();
      await linked[Symbol.asyncDispose]();
    },
  });
});

presenceRecordsContract("remotePresence", async (options) => {
  const presence = await memoryPresence(options);
  const { worker, ...linked } = link({ presence });
  const records = { ...remotePresence(worker.calls), close: () => presence.close() };
  return { ...linked, records };
});

lastSeenContract("remoteLastSeen", async (options) => {
  const lastSeen = await memoryLastSeen(options);
  const { worker, ...linked } = link({ lastSeen });
  return { ...linked, lastSeen: remoteLastSeen(worker.calls, () => {}) };
});

/**
 * What a worker adds, finds and cancels, its owner takes. A worker does not know the keys, so its `has` says true while
 * anything of the kind is not done, which has a test of its own.
 */
scheduleContract("RemoteSchedule", (options) => {
  const kinds = ["push", "note", "a", "b", ""], cells = new ScheduleCells(createScheduleCells(), kinds);
  const owned = new SharedSchedule(memorySchedule(options), cells);
  const { worker, ...linked } = link({ schedule: owned });
  const remote = new RemoteSchedule(worker.calls, { cells, stopping: new AbortController().signal });
  const schedule: Schedule = {
    add: (records) => remote.add(records),
    find: (key) => remote.find(key),
    has: (key) => owned.has(key),
    waiting: (kind) => remote.waiting(kind),
    cancel: (key) => remote.cancel(key),
    take: (kind, limit) => owned.take(kind, limit),
    finish: (keys) => owned.finish(keys),
    release: (keys) => owned.release(keys),
    postpone: (records) => owned.postpone(records),
    forget: (keys) => owned.forget(keys),
    revise: (kind, revision) => owned.revise(kind, revision),
    close: () => owned.close(),
  };
  return Promise.resolve({ ...linked, schedule });
});
