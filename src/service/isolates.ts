/** The backends of the isolates of one process: the one that owns the journal and all stores, and those that ask it. */

import { NEVER_SEEN } from "../presence/last_seen.ts";
import { PUSH } from "../push/push_record.ts";
import { SCHEDULED } from "../sources/scheduled_notification.ts";
import { IsolateNodes, type IsolateNodesOptions } from "../workers/isolate_nodes.ts";
import type { OwnerLink } from "../workers/owner_link.ts";
import { RemoteRevocations } from "../workers/remote_revocations.ts";
import { RemoteSchedule } from "../workers/remote_schedule.ts";
import { ScheduleCells } from "../workers/schedule_cells.ts";
import { SharedSchedule } from "../workers/shared_schedule.ts";
import { remoteLastSeen, remotePresence, remoteSubscriptions } from "../workers/remote_stores.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { Backend, BackendDeps } from "./backend.ts";

/** All kinds of records in the schedule. */
const KINDS = [SCHEDULED, PUSH];

/** Has the workers use what a backend of a single node has. */
export function shareBackend(backend: Backend, link: OwnerLink, deps: BackendDeps): Backend {
  const nodes = createNodes(link, { ...deps, send: (message) => link.switchboard.send(message) });
  link.switchboard.join(link.isolate, (message) => nodes.receive(message));
  const journal = link.own(backend.journal);
  return {
    ...backend,
    nodes,
    journal,
    schedule: new SharedSchedule(backend.schedule, new ScheduleCells(link.schedule, KINDS)),
    async close() {
      nodes.close();
      link.close();
      await backend.close();
    },
  };
}

function createNodes(
  { isolate, elsewhere }: OwnerLink | WorkerLink,
  deps: BackendDeps & Pick<IsolateNodesOptions, "send">,
): IsolateNodes {
  return new IsolateNodes({ ...deps, isolate, elsewhere, beatMs: deps.limits.heartbeatMs });
}

/** Everything is asked of the owner of the journal. */
export function openWorkerBackend(link: WorkerLink, deps: BackendDeps): Backend {
  const { config: { lastSeenSeconds, presenceWebhook }, report } = deps, owner = link.calls;
  const journal = link.journal(deps.feed);
  const nodes = createNodes(link, { ...deps, send: (message) => link.send(message) });
  const revocations = new RemoteRevocations(owner, link.revocations, deps.revocations);
  const lastSeen = lastSeenSeconds === 0 ? NEVER_SEEN : remoteLastSeen(owner, report);
  link.listen({
    said: (message) => nodes.receive(message),
    revoked: (revocation) => revocations.receive(revocation),
  });
  return {
    journal,
    nodes,
    node: deps.node,
    revocations,
    knownRevocations: () => [],
    lastSeen,
    schedule: new RemoteSchedule(owner, {
      cells: new ScheduleCells(link.schedule, KINDS),
      stopping: deps.stopping.signal,
    }),
    subscriptions: remoteSubscriptions(owner),
    presence: presenceWebhook === null ? null : remotePresence(owner),
    isReachable: () => link.health.isReachable,
    isWritable: () => link.health.isWritable,
    wipe: () => owner.call("wipe"),
    async close() {
      await lastSeen.close();
      nodes.close();
      await journal.close();
      link.close();
    },
  };
}
