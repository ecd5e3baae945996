/** The backends of the isolates of one process: the one that owns the journal and all stores, and those that ask it. */

import { NEVER_SEEN } from "../presence/last_seen.ts";
import { PUSH } from "../push/push_record.ts";
import { SCHEDULED } from "../sources/scheduled_notification.ts";
import { IsolateNodes, type IsolateNodesOptions } from "../workers/isolate_nodes.ts";
import type { OwnerState } from "../workers/link.ts";
import type { OwnerLink } from "../workers/owner_link.ts";
import { RemoteRevocations } from "../workers/remote_revocations.ts";
import { RemoteSchedule } from "../workers/remote_schedule.ts";
import { remoteLastSeen, remotePresence, remoteSubscriptions } from "../workers/remote_stores.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { Backend, BackendDeps } from "./backend.ts";

/** Has the workers use what a backend of a single node has. */
export function shareBackend(backend: Backend, link: OwnerLink, deps: BackendDeps): Backend {
  const nodes = createNodes(link, { ...deps, send: (message) => link.switchboard.send(message) });
  link.switchboard.join(link.isolate, (message) => nodes.receive(message));
  const journal = link.own(backend.journal);
  let told = JSON.stringify(stateOf(backend));
  const timer = setInterval(() => {
    const state = stateOf(backend), text = JSON.stringify(state);
    if (text !== told) link.tell({ kind: "state", state });
    told = text;
  }, deps.limits.heartbeatMs);
  return {
    ...backend,
    nodes,
    journal,
    async close() {
      clearInterval(timer);
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

export function stateOf({ schedule }: Pick<Backend, "schedule">): OwnerState {
  return { waiting: { [SCHEDULED]: schedule.waiting(SCHEDULED), [PUSH]: schedule.waiting(PUSH) } };
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
      waiting: () => link.state.waiting,
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
