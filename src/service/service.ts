/** The service: composes the parts of a node, starts them, and stops them in order. */

import { nextTurn } from "../async/next_turn.ts";
import type { Config } from "../config/config.ts";
import { LIMITS, type Limits } from "../config/limits.ts";
import { Admission } from "../connection/admission.ts";
import { DrainPoller } from "../connection/drain_poller.ts";
import { BodyReader } from "../http/body_reader.ts";
import { LargeBodies } from "../http/large_bodies.ts";
import { LineStreams } from "../http/line_streams.ts";
import { createApp } from "../http/routes/app.ts";
import type { Connection } from "../hub/connection.ts";
import { QuotaLedger } from "../quota/quota_ledger.ts";
import { Intakes } from "../sources/intakes.ts";
import { Scheduler } from "../sources/scheduler.ts";
import type { PublisherSockets } from "../sources/socket/publisher_sockets.ts";
import { CLOSE } from "../wire/close_codes.ts";
import { type Backend, openBackend } from "./backend.ts";
import { serveNodes, startRebalancing } from "./cluster.ts";
import { orConfigError } from "./config_error.ts";
import { type Core, createCore } from "./core.ts";
import type { RunningService } from "./lifecycle.ts";
import { createPushes, type Pushes } from "./pushes.ts";
import { createErasure } from "./erasure.ts";
import { Listeners } from "./listeners.ts";
import { log } from "./log.ts";
import { readMetrics } from "./read_metrics.ts";
import { observe } from "./observe.ts";
import { openTracing } from "./open_tracing.ts";
import { createPresence } from "./presence.ts";
import { startProcessor } from "./processor.ts";
import { createPendingUpgrades } from "./pending_upgrades.ts";
import { openPublisherSockets } from "./publisher_sockets.ts";
import { createSessions } from "./sessions.ts";
import { type RunningNode, shutDown, type ShutDownOptions } from "./shutdown.ts";
import { startTicking } from "./ticking.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import { OwnerLink } from "../workers/owner_link.ts";
import { sharingOf, startWorkers } from "./start_workers.ts";
import { subscriptionLog } from "./subscription_log.ts";

const MAX_SHED_MS = 2_000; // the sockets are cut within 100 ms; requests that hang are not waited for

/** A running service, with access to its connections. */
export interface Service extends RunningService {
  /** The connections of a target, or all connections for null. */
  connectionsOf(target: string | null): Promise<readonly Connection[]>;
  stop(options?: ShutDownOptions): Promise<void>;
}

export interface ServeOptions {
  readonly limits?: Limits;
  /** The clock, in milliseconds since 1970, by which entries of the journal and tokens expire. */
  readonly now?: () => number;
  /** How a worker reaches the isolate that owns the journal. Missing: this isolate owns it. */
  readonly link?: WorkerLink;
  /** How a worker is created. Tests have it fail. */
  readonly spawn?: (name: string) => Worker;
}

/**
 * Starts a node.
 *
 * @throws {ConfigError} if it cannot listen on the port, or cannot open the journal or the queue
 */
export async function serve(
  config: Config,
  { limits = LIMITS, now = Date.now, ...options }: ServeOptions = {},
): Promise<Service> {
  const link = options.link ?? (config.workers > 1 ? new OwnerLink() : null);
  const core = createCore(config, { limits, now, tracing: await openTracing(), link });
  const backend = await orConfigError("TIDINGS_JOURNAL", openBackend(core));
  const presence = createPresence(core, backend);
  const admission = new Admission({ ...core, ...backend, observer: presence.observer }, {
    ...config,
    lingerMs: limits.lingerMs,
  });
  const pushes = config.push === null ? null : createPushes(core, { backend, push: config.push });
  const intakes = createIntakes(core, { ...backend, pushes });
  backend.nodes.shareSpending(createLedger(core));
  const processor = startProcessor(core, { intakes, pushes });
  const { teller, tracker } = presence;
  observe(core, { ...backend, ...processor, teller, tracker });
  const drains = new DrainPoller({ everyMs: 5, stuckAfterMs: limits.stalledAfterMs });
  const sessions = createSessions(core, { backend, inbox: processor.inbox, drains, pushes });
  const large = new LargeBodies();
  const bodies = new BodyReader({ ...core, large });
  const publishers = openPublisherSockets(core, { intakes, drains, large });
  const streams = new LineStreams({ stopping: core.stopping.signal, report: core.report, large });
  const upgrades = createPendingUpgrades();
  const apps = createApp({
    ...core,
    ...backend,
    bodies,
    streams,
    admission,
    sessions,
    publishers,
    upgrades,
    intakes,
    readMetrics: () => readMetrics(core, backend),
    receive: serveNodes(core, {
      ...backend,
      admission,
      erase: createErasure(core, { backend, admission, pushes }),
    }),
    isShortOfMemory: () => core.memory.isShort,
    onSubscription: subscriptionLog((message, properties) => log.warn(message, properties)),
    snapshotMs: limits.snapshotMs,
    stopping: core.stopping.signal,
  });
  const loops = Promise.all([core.hub.run(), processor.running, processor.webhook?.run()])
    .catch((error) => core.failures.trySend(error));
  const queue = await orConfigError("TIDINGS_QUEUE", openQueue(core, intakes));
  const outbox = await openOutbox(core, intakes);
  const listeners = await Listeners.open({ ...core, ...apps, sharing: sharingOf(link) });
  core.memory.start(() => shed(core, { listeners, bodies, publishers }), { everyMs: limits.memoryCheckMs });
  const workers = await startWorkers(core, { backend, listeners, ...options });
  const rebalancing = startRebalancing(core, backend);
  startTicking(core, [bodies, streams, upgrades, core.recentlyLeft]);
  const scheduler = new Scheduler({
    ...core,
    ...backend,
    intake: intakes.from("schedule"),
    log,
    nextTurn,
    everyMs: limits.dueCheckMs,
  });
  const sources = { queue, outbox, scheduler, publishers, pushes };
  const node = {
    core,
    backend,
    admission,
    presence,
    drains,
    processor,
    intakes,
    sources,
    listeners,
    loops,
    rebalancing,
    workers,
  };
  return {
    ...listeners.main,
    admin: listeners.admin,
    failures: core.failures,
    connectionsOf: (target) => core.hub.connectionsOf(target),
    stop: (options) => shutDown(node, options),
  };
}

/** The limit of connections is that of a node: only its own isolates share it. */
function createLedger({ quotas: { keys, addressRequests, attempts, connections }, link }: Core): QuotaLedger {
  return new QuotaLedger([keys, addressRequests, attempts, link === null ? null : connections]);
}

function createIntakes(core: Core, backend: Backend & { readonly pushes: Pushes | null }): Intakes {
  const { feed: { notifications: queue }, config: { retention }, tracing } = core;
  const spans = tracing === null ? {} : { currentSpan: tracing.currentSpan };
  return new Intakes({ ...core, ...backend, queue, retention, nextTurn, ...spans });
}

/** Loads the code of NATS only if a queue is configured. */
async function openQueue(
  { config: { queue }, report, metrics }: Core,
  intakes: Intakes,
): Promise<RunningNode["sources"]["queue"]> {
  if (queue === null) return null;
  const { QueueWorker } = await import("../sources/queue/queue_worker.ts");
  return await QueueWorker.open(queue, { intake: intakes.from("queue"), report, log, metrics });
}

/** Loads the code of PostgreSQL only if an outbox table is configured. The node starts without the database. */
async function openOutbox(
  { config: { outboxTable }, report, metrics }: Core,
  intakes: Intakes,
): Promise<RunningNode["sources"]["outbox"]> {
  if (outboxTable === null) return null;
  const { OutboxWorker } = await import("../sources/outbox/outbox_worker.ts");
  return new OutboxWorker(outboxTable, { intake: intakes.from("outbox"), report, log, metrics });
}

/** Closes all connections, and cuts those that ignore it. They can resume once memory is sufficient again. */
async function shed(
  { hub }: Core,
  http: { listeners: Listeners; bodies: BodyReader; publishers: PublisherSockets },
): Promise<void> {
  http.publishers.endAll(CLOSE.overloaded);
  for (const session of await hub.connectionsOf(null)) session.end(CLOSE.overloaded);
  await nextTurn(); // so that the closes are on their way
  http.bodies.expectCut();
  await http.listeners.replace({ maxMs: MAX_SHED_MS });
}
