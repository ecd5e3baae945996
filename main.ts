/** The composition root: reads the environment, puts the parts together, has them serve, and stops them in order. */

import { createHandlers } from "./src/cluster/handlers.ts";
import { Channel } from "./src/async/channel.ts";
import { type Config, ConfigError, configFrom, VARIABLES } from "./src/config/config.ts";
import { drain } from "./src/service/shutdown.ts";
import { createApp } from "./src/http/app.ts";
import { Admission } from "./src/connection/admission.ts";
import type { Connection } from "./src/hub/connection.ts";
import type { Backend, BackendDeps } from "./src/service/backend.ts";
import { NotificationFeed } from "./src/hub/feed.ts";
import { Hub } from "./src/hub/hub.ts";
import { Pacer } from "./src/hub/pacer.ts";
import { parseAcceptedAt } from "./src/journal/entry.ts";
import { MemoryJournal } from "./src/journal/memory.ts";
import { SqliteJournal } from "./src/journal/sqlite/sqlite_journal.ts";
import { LIMITS, type Limits } from "./src/config/limits.ts";
import { log, startLog } from "./src/service/log.ts";
import { NodeMetrics } from "./src/metrics/node_metrics.ts";
import { MessageWebhook } from "./src/processor/webhook/message_webhook.ts";
import { nextTurn } from "./src/async/next_turn.ts";
import { SingleNode } from "./src/cluster/single_node.ts";
import { HttpListener, type HttpListenerDeps } from "./src/service/listener.ts";
import { type RunningService, runToEnd } from "./src/service/lifecycle.ts";
import { dispatchReceived } from "./src/processor/dispatch.ts";
import { reportLimits } from "./src/reports/report_limits.ts";
import { Reports } from "./src/reports/reports.ts";
import { Session } from "./src/connection/session.ts";
import { DrainPoller } from "./src/connection/drain_poller.ts";
import { createEventEncoder } from "./src/connection/sse_encoding.ts";
import { ExpiryWheel } from "./src/connection/expiry_wheel.ts";
import { SseTransport } from "./src/connection/sse_transport.ts";
import { createFrameEncoder } from "./src/connection/framing.ts";
import { createLocalReceiver, createReceiver } from "./src/cluster/receive.ts";
import type { ReceivedMessage } from "./src/connection/received.ts";
import { Inbox } from "./src/processor/inbox.ts";
import { WebSocketTransport } from "./src/connection/websocket_transport.ts";
import { appendTo } from "./src/sources/append.ts";
import type { QueueWorkerDeps } from "./src/sources/queue/queue_worker.ts";
import { reported } from "./src/sources/reported.ts";
import { tabsFirst } from "./src/sources/tabs_first.ts";
import { webhook } from "./src/sources/webhook.ts";
import { Rebalancer } from "./src/cluster/rebalancer.ts";
import { within } from "./src/async/within.ts";

/** A service, and who is connected to it. */
export interface Service extends RunningService {
  /** The connections of a target, or (null) all of them. */
  connectionsOf(target: string | null): Promise<readonly Connection[]>;
}

/**
 * @param now milliseconds since 1970, by which entries of the journal expire, and connections with their tokens
 * @throws {ConfigError} if it cannot listen, or the journal cannot be opened
 */
export async function serve(
  config: Config,
  { limits = LIMITS, now = Date.now }: { limits?: Limits; now?: () => number } = {},
): Promise<Service> {
  const failures = new Channel<unknown>(1);
  const stopping = new AbortController();
  const isDraining = () => stopping.signal.aborted;
  const feed = new NotificationFeed(limits.notifications, { bytesATarget: config.outboxBytes / 2 });
  const pace = new Pacer({
    nextTurn,
    now: () => performance.now(),
    minMs: limits.restAfterMs,
    maxMs: limits.restMs,
  });
  const hub = new Hub<Session>(feed, { capacity: limits.registrations, pace });
  const connectionsOf = (target: string | null) => hub.connectionsOf(target);
  const reports = new Reports({ limits: reportLimits(config.retention), acceptedAt: parseAcceptedAt, now });
  const metrics = new NodeMetrics({
    ...config,
    reports,
    connections: () => connectionsOf(null),
    seats: () => ({ taken: connections(), capacity: config.maxConnections }),
    feed: feed.notifications,
    memoryBytes: () => Deno.memoryUsage().rss,
    acceptedAt: parseAcceptedAt,
    now,
  });
  function report(error: unknown): void {
    metrics.failed(error);
    log.error("failed: {error}", { error });
  }
  let connections = () => 0; // until any can be admitted
  const grounds: Backend = await groundsOf(config, {
    node: crypto.randomUUID(),
    feed,
    limits,
    now,
    connections: () => connections(),
    capacity: () => isDraining() ? 0 : config.maxConnections,
    maxPerTarget: config.maxConnectionsPerTarget,
    report,
    failed: (error) => failures.trySend(error),
  }).catch((cause) => {
    throw refusal("TIDINGS_JOURNAL", cause);
  });
  const { journal, nodes } = grounds;
  const admission = new Admission({ journal, nodes }, { ...config, lingerMs: limits.lingerMs });
  connections = () => admission.taken;
  const received = new Channel<ReceivedMessage>(limits.received);
  const application = config.messageWebhook === null
    ? null
    : new MessageWebhook(config.messageWebhook, { capacity: limits.received, log });
  const shared = {
    registrations: hub.registrations,
    deregistrations: hub.deregistrations,
    inbox: new Inbox(received, application),
    journal,
    drains: new DrainPoller({ everyMs: 5, stuckAfterMs: limits.stuckAfterMs }),
    expiries: new ExpiryWheel({ everyMs: limits.expiriesMs, now }),
    frameOf: createFrameEncoder(),
    deliveries: metrics,
    fellBehind: () => metrics.fellBehind(),
    outboxBytes: config.outboxBytes,
    report,
  };
  const here = createLocalReceiver(connectionsOf);
  nodes.serve(createHandlers({ connectionsOf, reports, receive: here, metrics }));

  const entrance = appendTo(journal, { room: feed.notifications, isDraining });
  const append = reported(entrance.append, {
    retention: config.retention,
    accepted({ id, digest }, at) {
      metrics.accepted();
      if (digest === null) reports.began(id, at);
      else reports.accepted(id, at);
    },
  });
  const take = webhook(tabsFirst(append, { waiting: feed.notifications, nextTurn }));
  const eventOf = createEventEncoder();
  const app = createApp({
    config,
    admission,
    attend: (socket, admitted) =>
      void new Session((events) => new WebSocketTransport(socket, events), admitted, shared),
    stream(admitted, delivered) {
      const stream = new SseTransport(delivered, eventOf);
      void new Session((events) => stream.tell(events), admitted, shared);
      return stream.body;
    },
    receive: createReceiver({ here, nodes }),
    take,
    nodes,
    journal,
    metrics,
    watchMs: limits.watchMs,
    isDraining,
    isReachable: grounds.isReachable,
    stopping: stopping.signal,
    report,
  });
  const processing = dispatchReceived(received, {
    ack: (ids, connection) => reports.acked(ids, connection),
    message(message) {
      if (application === null) log.info("received a message from {target}: {data}", { ...message });
      else application.take(message);
    },
  });
  const loops = Promise.all([hub.run(), processing, application?.run()]).catch((error) =>
    failures.trySend(error)
  );
  const spread = new Rebalancer({
    members: () => nodes.members(),
    connections: () => connectionsOf(null),
    isSettled: () => !isDraining() && grounds.isReachable(),
    began: (load) =>
      log.info("has {connections} connections, its share is {share}: sends some away", { ...load }),
  });
  const queue = await openQueue(config, { take, report });
  const server = openPort({ ...config, fetch: app.fetch, report });
  const spreading = setInterval(() => void spread.tick().catch(report), limits.beatMs);

  async function stop(): Promise<void> {
    clearInterval(spreading);
    const queueClosed = queue?.close() ?? Promise.resolve(); // first: what it has in hand is still taken
    stopping.abort();
    const enough = new AbortController();
    const timer = setTimeout(() => enough.abort(), config.drainSeconds * 900); // and the rest to shut down
    const parts = { queued: feed.notifications, connections: () => connectionsOf(null), sockets: admission };
    await within(Promise.all([queueClosed, entrance.settled()]), enough);
    await drain(parts, { windowMs: config.drainSeconds * 500, signal: enough.signal });
    for (const part of [hub, received, admission]) part.close();
    await within(server.shutdown(), enough); // for it waits for an event stream that is stuck, closed or not
    shared.drains.close();
    await processing;
    application?.close();
    await within(loops, enough);
    application?.abort();
    clearTimeout(timer);
    await Promise.all([loops, journal.close().then(grounds.close)]);
  }
  return { host: server.addr.hostname, port: server.addr.port, failures, connectionsOf, stop };
}

/** The one place that chooses what a node stands on. What is for many nodes is loaded only by one of many. */
async function groundsOf({ journal: place, retention }: Config, parts: BackendDeps): Promise<Backend> {
  const { feed, now, failed } = parts;
  const alone = () => new SingleNode(parts.node, parts);
  const stands = { isReachable: () => true, close: () => Promise.resolve() };
  switch (place.kind) {
    case "memory":
      return { ...stands, nodes: alone(), journal: new MemoryJournal(feed, retention, now) };
    case "sqlite":
      return {
        ...stands,
        nodes: alone(),
        journal: await SqliteJournal.open(place.path, feed, { ...place, retention, now, failed }),
      };
    case "nats": {
      const { openNatsBackend } = await import("./src/service/nats_backend.ts");
      return await openNatsBackend(place, { ...parts, retention });
    }
    default:
      return place satisfies never;
  }
}

/** Loads NATS only if there is a queue. */
async function openQueue(
  { queue }: Config,
  { take, report }: Pick<QueueWorkerDeps, "take" | "report">,
): Promise<{ close(): Promise<void> } | null> {
  if (queue === null) return null;
  const { QueueWorker } = await import("./src/sources/queue/queue_worker.ts");
  try {
    return await QueueWorker.open(queue, { take, report, log });
  } catch (cause) {
    throw refusal("TIDINGS_QUEUE", cause);
  }
}

function openPort(parts: HttpListenerDeps): HttpListener {
  try {
    return new HttpListener(parts);
  } catch (cause) {
    throw refusal(`HOST, PORT: cannot listen on ${parts.host}, port ${parts.port}`, cause);
  }
}

function refusal(what: string, cause: unknown): ConfigError {
  return new ConfigError(`${what}: ${cause instanceof Error ? cause.message : cause}`, { cause });
}

if (import.meta.main) {
  try {
    const config = configFrom(Object.fromEntries(VARIABLES.map((name) => [name, Deno.env.get(name)])));
    await startLog(config);
    await runToEnd(await serve(config), config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`Tidings cannot start.\n${error.message}`);
    Deno.exit(2);
  }
}
