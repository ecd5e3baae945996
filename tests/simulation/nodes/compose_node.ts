/** Composes a node of its real parts, as the service does, but without HTTP, files, queues and pushes. */

import { nextTurn } from "../../../src/async/next_turn.ts";
import type { Receive } from "../../../src/cluster/receive.ts";
import { configFrom } from "../../../src/config/config.ts";
import { LIMITS } from "../../../src/config/limits.ts";
import { Admission } from "../../../src/connection/admission.ts";
import { DrainPoller } from "../../../src/connection/drain_poller.ts";
import type { Sessions } from "../../../src/connection/sessions.ts";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { type Backend, openBackend } from "../../../src/service/backend.ts";
import { serveNodes, startRebalancing } from "../../../src/service/cluster.ts";
import { type Core, createCore } from "../../../src/service/core.ts";
import { createErasure } from "../../../src/service/erasure.ts";
import { observe } from "../../../src/service/observe.ts";
import { createPresence } from "../../../src/service/presence.ts";
import { startProcessor } from "../../../src/service/processor.ts";
import { createSessions } from "../../../src/service/sessions.ts";
import type { RunningNode } from "../../../src/service/shutdown.ts";
import { Intakes } from "../../../src/sources/intakes.ts";
import type { Process } from "../runtime/process.ts";
import type { World } from "../runtime/world.ts";

export interface NodeDeps {
  readonly process: Process;
  /** Replaces the journal and the nodes of a memory backend. The simulation has adapters of its own for both. */
  readonly replaceParts: (memory: Backend, core: Core) => Backend;
  readonly listeners: RunningNode["listeners"];
  /** Called when a live connection has fallen behind, and when the journal reports a gap. */
  onDisturbed(): void;
}

/** A running node, and what its routes would use. */
export interface ComposedNode {
  readonly running: RunningNode;
  readonly sessions: Sessions;
  readonly receive: Receive;
}

const CONFIG = configFrom({
  TIDINGS_JOURNAL: "memory:",
  TIDINGS_DRAIN_SECONDS: "10",
  TIDINGS_LAST_SEEN_SECONDS: "0",
});
const POLL_MS = 50; // ten times that of the service, because each poll of a stalled socket takes time here
const REPORTS = 8_192; // more than a history has notifications, and much faster made than the service's 65,536
const CLOSED = { close: () => Promise.resolve() };

export async function composeNode(world: World, deps: NodeDeps): Promise<ComposedNode> {
  const core = composeCore(world, deps), pushes = null;
  const backend = deps.replaceParts(await openBackend(core), core);
  const { config, limits } = core, { notifications: queue } = core.feed;
  const presence = createPresence(core, backend);
  const admission = new Admission({ ...core, ...backend, observer: presence.observer }, {
    ...config,
    lingerMs: limits.lingerMs,
  });
  const intakes = new Intakes({ ...core, ...backend, pushes, queue, retention: config.retention, nextTurn });
  const processor = startProcessor(core, { intakes, pushes });
  const { teller, tracker } = presence;
  observe(core, { ...backend, ...processor, teller, tracker });
  const drains = new DrainPoller({ everyMs: POLL_MS, stuckAfterMs: limits.stalledAfterMs });
  const sessions = createSessions(core, { backend, inbox: processor.inbox, drains, pushes });
  const receive = serveNodes(core, {
    ...backend,
    admission,
    erase: createErasure(core, { backend, admission, pushes }),
  });
  const loops = Promise.all([core.hub.run(), processor.running])
    .catch((error) => core.failures.trySend(error));
  const rebalancing = startRebalancing(core, backend);
  const sources = { queue: null, outbox: null, scheduler: CLOSED, publishers: CLOSED, pushes };
  const parts = { core, backend, admission, presence, drains, processor, intakes, sources };
  const { listeners } = deps;
  return { running: { ...parts, listeners, loops, rebalancing, workers: null }, sessions, receive };
}

/** The core, which says when its connections are disturbed, and whose errors break a promise. */
function composeCore({ setting, scheduler, verdict }: World, { process, onDisturbed }: NodeDeps): Core {
  const { retention, outboxBytes, maxConnections, maxConnectionsPerTarget } = setting;
  const { queued: notifications, registrations, lingerMs } = setting;
  const config = { ...CONFIG, retention, outboxBytes, maxConnections, maxConnectionsPerTarget };
  const limits = { ...LIMITS, notifications, registrations, reports: REPORTS, lingerMs };
  const core = createCore(config, { limits, now: () => scheduler.clock(process) });
  const { metrics, feed } = core, { fellBehind } = metrics, { gap } = feed;
  metrics.fellBehind = () => {
    onDisturbed();
    fellBehind.call(metrics);
  };
  feed.gap = (target) => {
    onDisturbed();
    gap.call(feed, target);
  };
  return {
    ...core,
    report(error) {
      if (!(error instanceof UnavailableError)) verdict.broken("errors", String(error));
    },
  };
}
