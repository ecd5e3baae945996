/** The composition root: reads the environment, puts the parts together, has them serve, and stops them in order. */

import { answersFrom } from "./src/cluster/handlers.ts";
import { Channel } from "./src/async/channel.ts";
import { type Config, ConfigError, configFrom, VARIABLES } from "./src/config/config.ts";
import { drain } from "./src/service/shutdown.ts";
import { createApp } from "./src/http/app.ts";
import { Admission } from "./src/connection/admission.ts";
import type { Connection } from "./src/hub/connection.ts";
import type { GroundParts, Grounds } from "./src/service/backend.ts";
import { Feed } from "./src/hub/feed.ts";
import { Hub } from "./src/hub/hub.ts";
import { Pace } from "./src/hub/pacer.ts";
import { acceptedAtIn } from "./src/journal/entry.ts";
import { MemoryJournal } from "./src/journal/memory.ts";
import { SqliteJournal } from "./src/journal/sqlite/sqlite_journal.ts";
import { LIMITS, type Limits } from "./src/config/limits.ts";
import { log, startLog } from "./src/service/log.ts";
import { NodeMetrics } from "./src/metrics/node_metrics.ts";
import { MessageWebhook } from "./src/processor/webhook/message_webhook.ts";
import { nextTurn } from "./src/async/next_turn.ts";
import { Alone } from "./src/cluster/single_node.ts";
import { Port, type PortParts } from "./src/service/listener.ts";
import { runToEnd, type Serving } from "./src/service/lifecycle.ts";
import { processReceived } from "./src/processor/dispatch.ts";
import { reportLimits } from "./src/reports/report_limits.ts";
import { Reports } from "./src/reports/reports.ts";
import { Attendance } from "./src/connection/session.ts";
import { DrainWatch } from "./src/connection/drain_poller.ts";
import { eventEncoding } from "./src/connection/sse_encoding.ts";
import { Expiries } from "./src/connection/expiry_wheel.ts";
import { EventStream } from "./src/connection/sse_transport.ts";
import { framing } from "./src/connection/framing.ts";
import { receiving, receivingHere } from "./src/cluster/receive.ts";
import type { Received } from "./src/connection/received.ts";
import { Inbox } from "./src/processor/inbox.ts";
import { SocketStream } from "./src/connection/websocket_transport.ts";
import { appendTo } from "./src/sources/append.ts";
import type { QueueParts } from "./src/sources/queue/queue_worker.ts";
import { reported } from "./src/sources/reported.ts";
import { tabsFirst } from "./src/sources/tabs_first.ts";
import { webhook } from "./src/sources/webhook.ts";
import { Spread } from "./src/cluster/rebalancer.ts";
import { until } from "./src/async/within.ts";

/** A service, and who is connected to it. */
export interface Service extends Serving {
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
  const feed = new Feed(limits.notifications, { bytesATarget: config.outboxBytes / 2 });
  const pace = new Pace({
    nextTurn,
    now: () => performance.now(),
    leastMs: limits.restAfterMs,
    mostMs: limits.restMs,
  });
  const hub = new Hub<Attendance>(feed, { capacity: limits.registrations, pace });
  const connectionsOf = (target: string | null) => hub.connectionsOf(target);
  const reports = new Reports({ limits: reportLimits(config.retention), acceptedAt: acceptedAtIn, now });
  const metrics = new NodeMetrics({
    ...config,
    reports,
    connections: () => connectionsOf(null),
    seats: () => ({ taken: connections(), capacity: config.maxConnections }),
    feed: feed.notifications,
    memoryBytes: () => Deno.memoryUsage().rss,
    acceptedAt: acceptedAtIn,
    now,
  });
  function report(error: unknown): void {
    metrics.failed(error);
    log.error("failed: {error}", { error });
  }
  let connections = () => 0; // until any can be admitted
  const grounds: Grounds = await groundsOf(config, {
    node: crypto.randomUUID(),
    feed,
    limits,
    now,
    connections: () => connections(),
    capacity: () => isDraining() ? 0 : config.maxConnections,
    mostPerTarget: config.maxConnectionsPerTarget,
    report,
    failed: (error) => failures.trySend(error),
  }).catch((cause) => {
    throw refusal("TIDINGS_JOURNAL", cause);
  });
  const { journal, nodes } = grounds;
  const admission = new Admission({ journal, nodes }, { ...config, lingerMs: limits.lingerMs });
  connections = () => admission.taken;
  const received = new Channel<Received>(limits.received);
  const application = config.messageWebhook === null
    ? null
    : new MessageWebhook(config.messageWebhook, { capacity: limits.received, log });
  const shared = {
    registrations: hub.registrations,
    deregistrations: hub.deregistrations,
    inbox: new Inbox(received, application),
    journal,
    drains: new DrainWatch({ everyMs: 5, stuckAfterMs: limits.stuckAfterMs }),
    expiries: new Expiries({ everyMs: limits.expiriesMs, now }),
    frameOf: framing(),
    deliveries: metrics,
    fellBehind: () => metrics.fellBehind(),
    outboxBytes: config.outboxBytes,
    report,
  };
  const here = receivingHere(connectionsOf);
  nodes.serve(answersFrom({ connectionsOf, reports, receive: here, metrics }));

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
  const eventOf = eventEncoding();
  const app = createApp({
    config,
    admission,
    attend: (socket, admitted) =>
      void new Attendance((events) => new SocketStream(socket, events), admitted, shared),
    stream(admitted, delivered) {
      const stream = new EventStream(delivered, eventOf);
      void new Attendance((events) => stream.tell(events), admitted, shared);
      return stream.body;
    },
    receive: receiving({ here, nodes }),
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
  const processing = processReceived(received, {
    ack: (ids, connection) => reports.acked(ids, connection),
    message(message) {
      if (application === null) log.info("received a message from {target}: {data}", { ...message });
      else application.take(message);
    },
  });
  const loops = Promise.all([hub.run(), processing, application?.run()]).catch((error) =>
    failures.trySend(error)
  );
  const spread = new Spread({
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
    await until(Promise.all([queueClosed, entrance.settled()]), enough);
    await drain(parts, { windowMs: config.drainSeconds * 500, signal: enough.signal });
    for (const part of [hub, received, admission]) part.close();
    await until(server.shutdown(), enough); // for it waits for an event stream that is stuck, closed or not
    shared.drains.close();
    await processing;
    application?.close();
    await until(loops, enough);
    application?.abort();
    clearTimeout(timer);
    await Promise.all([loops, journal.close().then(grounds.close)]);
  }
  return { host: server.addr.hostname, port: server.addr.port, failures, connectionsOf, stop };
}

/** The one place that chooses what a node stands on. What is for many nodes is loaded only by one of many. */
async function groundsOf({ journal: place, retention }: Config, parts: GroundParts): Promise<Grounds> {
  const { feed, now, failed } = parts;
  const alone = () => new Alone(parts.node, parts);
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
      const { joinNats } = await import("./src/service/nats_backend.ts");
      return await joinNats(place, { ...parts, retention });
    }
    default:
      return place satisfies never;
  }
}

/** Loads NATS only if there is a queue. */
async function openQueue(
  { queue }: Config,
  { take, report }: Pick<QueueParts, "take" | "report">,
): Promise<{ close(): Promise<void> } | null> {
  if (queue === null) return null;
  const { QueueWorker } = await import("./src/sources/queue/queue_worker.ts");
  try {
    return await QueueWorker.open(queue, { take, report, log });
  } catch (cause) {
    throw refusal("TIDINGS_QUEUE", cause);
  }
}

function openPort(parts: PortParts): Port {
  try {
    return new Port(parts);
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
