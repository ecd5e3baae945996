/** The backend of a node: its journal, and its connection to the other nodes. */

import type { Nodes } from "../cluster/nodes.ts";
import type { Feed, Journal } from "../journal/journal.ts";
import type { SharedHealth } from "../workers/health_cell.ts";
import { OwnerLink } from "../workers/owner_link.ts";
import { WorkerLink } from "../workers/worker_link.ts";
import { openWorkerBackend, shareBackend } from "./isolates.ts";
import { MemoryJournal } from "../journal/memory.ts";
import { memorySubscriptions } from "../push/memory_subscriptions.ts";
import type { Subscriptions, SubscriptionsOptions } from "../push/subscriptions.ts";
import { memoryRevocations } from "../revocation/memory_revocations.ts";
import type { Revocation, Revocations, RevocationsOptions } from "../revocation/revocations.ts";
import { memorySchedule } from "../schedule/memory.ts";
import type { Schedule, ScheduleOptions } from "../schedule/schedule.ts";
import { type LastSeen, type LastSeenOptions, NEVER_SEEN } from "../presence/last_seen.ts";
import { memoryLastSeen } from "../presence/memory_last_seen.ts";
import { memoryPresence } from "../presence/memory_presence.ts";
import type { PresenceRecords, PresenceRecordsOptions } from "../presence/presence_records.ts";
import type { Config } from "../config/config.ts";
import type { Core } from "./core.ts";
import { RevokedConnections } from "./revoked_connections.ts";
import { singleNodeBackend } from "./single_node_backend.ts";
import { openSqliteBackend } from "./sqlite_backend.ts";

/** What is scheduled may take this share of the retention's bytes, in addition to what is kept. */
const SHARE_OF_SCHEDULE = 1 / 4;
/** Likewise, the push subscriptions may take this share. */
const SHARE_OF_SUBSCRIPTIONS = 1 / 4;
/** Likewise, when targets were last seen, and which are online if the application is told. */
const SHARE_OF_LAST_SEEN = 1 / 8, SHARE_OF_PRESENCE = 1 / 4;
/** Likewise, the revocations: 16 MiB of the default are more than 50,000. */
const SHARE_OF_REVOCATIONS = 1 / 16;

export interface Backend {
  readonly journal: Journal;
  readonly nodes: Nodes;
  readonly schedule: Schedule;
  readonly subscriptions: Subscriptions;
  readonly lastSeen: LastSeen;
  /** Null if nobody is told which targets come and go. */
  readonly presence: PresenceRecords | null;
  /** The name of this node, unique among all nodes. */
  readonly node: string;
  readonly revocations: Revocations;
  /** All revocations that are known. Empty with NATS, where no isolate has to be told. */
  readonly knownRevocations: () => Iterable<Revocation>;
  /** False while the journal is known to be out of reach. */
  readonly isReachable: () => boolean;
  /** False while nothing can be published, although the journal may still be read. */
  readonly isWritable: () => boolean;
  /** Leaves no byte of what was erased in files of this node. Rejects with `UnavailableError`. */
  readonly wipe: () => Promise<void>;
  /** Closes the schedule, the other stores and the journal, and then the connection that they use. */
  readonly close: () => Promise<void>;
}

/** The collaborators of a backend. */
export type BackendDeps = Pick<Core, "config" | "limits" | "metrics" | "now" | "report" | "stopping"> & {
  /** The name of this node, unique among all nodes. */
  readonly node: string;
  readonly feed: Feed;
  readonly schedule: ScheduleOptions;
  readonly subscriptions: SubscriptionsOptions;
  readonly lastSeen: LastSeenOptions;
  readonly presence: PresenceRecordsOptions;
  readonly revocations: RevocationsOptions;
  /** The number of connections of this node. */
  readonly connections: () => number;
  /** The maximum number of connections of this node; 0 while it is stopping. */
  readonly capacity: () => number;
  /** Called when the journal's file can or cannot be used any more. */
  readonly onHealthChange: (health: SharedHealth) => void;
  /** Called with an error after which this node cannot continue. */
  readonly failed: (error: Error) => void;
};

/**
 * Opens the journal that the configuration names, and the matching nodes. No other place chooses an adapter. Only a node
 * that uses NATS loads its code.
 */
export async function openBackend(core: Core): Promise<Backend> {
  const backend = await openUntraced(core), { tracing } = core;
  return tracing === null ? backend : { ...backend, journal: tracing.journal(backend.journal) };
}

async function openUntraced(core: Core): Promise<Backend> {
  const { config: { journal: url, retention, maxConnections, lastSeenSeconds }, now, tracing } = core;
  const { link } = core, local: Feed = tracing === null ? core.feed : tracing.feed(core.feed);
  const feed = link instanceof OwnerLink ? link.feed(local) : local;
  const revoked = new RevokedConnections({
    connectionsOf: (target) => core.hub.connectionsOf(target),
    report: core.report,
  });
  const deps = {
    ...core,
    feed,
    node: crypto.randomUUID(),
    schedule: { maxBytes: retention.bytes * SHARE_OF_SCHEDULE, now },
    subscriptions: { maxBytes: retention.bytes * SHARE_OF_SUBSCRIPTIONS },
    lastSeen: { keptMs: 1000 * lastSeenSeconds, maxBytes: retention.bytes * SHARE_OF_LAST_SEEN },
    presence: { maxBytes: retention.bytes * SHARE_OF_PRESENCE },
    revocations: {
      maxBytes: retention.bytes * SHARE_OF_REVOCATIONS,
      now,
      onRevoked(revocation: Revocation) {
        revoked.end(revocation);
        if (link instanceof OwnerLink) link.tell({ kind: "revoked", revocation });
      },
    },
    connections: () => core.slots.taken,
    capacity: () => core.isDraining() ? 0 : maxConnections,
    onHealthChange(health: SharedHealth) {
      if (link instanceof OwnerLink) link.health.set(health);
    },
    failed: (error: Error) => void core.failures.trySend(error),
  };
  if (link instanceof WorkerLink) return openWorkerBackend(link, deps);
  const backend = await openOwn(url, core, deps);
  return link === null ? backend : shareBackend(backend, link, deps);
}

async function openOwn(url: Config["journal"], core: Core, deps: BackendDeps): Promise<Backend> {
  const { config: { retention, lastSeenSeconds }, now } = core, { feed } = deps;
  switch (url.kind) {
    case "memory":
      return singleNodeBackend({
        journal: MemoryJournal.open(feed, retention, now),
        schedule: memorySchedule(deps.schedule),
        subscriptions: memorySubscriptions(deps.subscriptions),
        lastSeen: lastSeenSeconds === 0 ? NEVER_SEEN : await memoryLastSeen({ ...deps.lastSeen, now }),
        presence: core.config.presenceWebhook === null ? null : await memoryPresence(deps.presence),
        revocations: memoryRevocations(deps.revocations),
      }, deps);
    case "sqlite":
      return await openSqliteBackend(url, deps);
    case "nats": {
      const { openNatsBackend } = await import("./nats_backend.ts");
      return await openNatsBackend(url, deps);
    }
    default:
      return url satisfies never;
  }
}
