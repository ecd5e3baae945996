/** The composition root: reads the environment, puts the parts together, and serves until it is told to stop. */

import { Channel } from "./src/channel/channel.ts";
import { select } from "./src/channel/select.ts";
import { type Config, ConfigError, configFrom, VARIABLES } from "./src/config.ts";
import { drain } from "./src/drain.ts";
import { createApp } from "./src/http/app.ts";
import { Admission } from "./src/hub/admission.ts";
import type { Connection } from "./src/hub/connection.ts";
import { Feed } from "./src/hub/feed.ts";
import { Hub } from "./src/hub/hub.ts";
import { MemoryJournal } from "./src/journal/memory.ts";
import { log, startLog } from "./src/log.ts";
import { logReceived } from "./src/processor.ts";
import { Attendance } from "./src/socket/attendance.ts";
import { DrainWatch } from "./src/socket/drain_watch.ts";
import { framing } from "./src/socket/framing.ts";
import type { Received } from "./src/socket/session.ts";
import { appendTo } from "./src/sources/append.ts";
import { webhook } from "./src/sources/webhook.ts";

/** What nobody has had a reason to configure. */
export interface Limits {
  /** Of the hub's channels; a request may have 10,000 notifications. */
  readonly notifications: number;
  readonly registrations: number;
  /** Of the messages of browsers that wait for the processor; a frame may have 1,000. */
  readonly received: number;
  /** How long a target is followed after its last connection. */
  readonly lingerMs: number;
  /** When a socket that sends nothing is given up. */
  readonly stuckAfterMs: number;
}

export const LIMITS: Limits = {
  notifications: 16_384,
  registrations: 1_024,
  received: 4_096,
  lingerMs: 5_000,
  stuckAfterMs: 30_000,
};

/** A running service. */
export interface Service {
  readonly host: string;
  readonly port: number;
  /** What ended a part that should not end: the service is of no use any more. */
  readonly failures: Channel<unknown>;
  /** The connections of a target, or (null) all of them. */
  connectionsOf(target: string | null): Promise<readonly Connection[]>;
  /** Delivers what is queued, sends the browsers away, and ends; after the configured time in any case. */
  stop(): Promise<void>;
}

/** @throws {ConfigError} if it cannot listen */
export function serve(config: Config, limits: Limits = LIMITS): Service {
  const feed = new Feed(limits.notifications);
  const hub = new Hub(feed, { capacity: limits.registrations, nextTurn });
  const journal = new MemoryJournal(feed, config.retention);
  const admission = new Admission(journal, { ...config, lingerMs: limits.lingerMs });
  const received = new Channel<Received>(limits.received);
  const report = (error: unknown) => log.error("failed: {error}", { error });
  const shared = {
    registrations: hub.registrations,
    deregistrations: hub.deregistrations,
    received,
    journal,
    drains: new DrainWatch({ everyMs: 5, stuckAfterMs: limits.stuckAfterMs }),
    frameOf: framing(),
    deliveries: { sent: () => {} },
    outboxBytes: config.outboxBytes,
    report,
  };
  let draining = false;
  const isDraining = () => draining;

  const app = createApp({
    config,
    admission,
    attend: (socket, admitted) => void new Attendance(socket, admitted, shared),
    take: webhook(appendTo(journal, { room: feed.notifications, isDraining })),
    isDraining,
    report,
  });
  const failures = new Channel<unknown>(1);
  const loops = Promise.all([hub.run(), logReceived(received, log)]).catch((error) =>
    failures.trySend(error)
  );
  const server = listen(config, app.fetch);

  const connectionsOf = (target: string | null) => hub.connectionsOf(target);

  async function stop(): Promise<void> {
    draining = true;
    const enough = new AbortController();
    const timer = setTimeout(() => enough.abort(), config.drainSeconds * 900); // and the rest to shut down
    const parts = { queued: feed.notifications, connections: () => connectionsOf(null), sockets: admission };
    await drain(parts, { windowMs: config.drainSeconds * 500, signal: enough.signal });
    clearTimeout(timer);
    for (const part of [hub, received, admission]) part.close();
    const shutdown = server.shutdown();
    if (!enough.signal.aborted) await shutdown; // or it would wait for a socket that is stuck
    await Promise.all([loops, journal.close()]);
  }
  return { host: server.addr.hostname, port: server.addr.port, failures, connectionsOf, stop };
}

function listen(
  { host, port }: Config,
  fetch: (request: Request) => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: host, port, onListen: () => {} }, fetch);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new ConfigError(`HOST, PORT: cannot listen on ${host}, port ${port}: ${reason}`, { cause });
  }
}

/** The next turn of the event loop: 4 µs with setImmediate, and 2 ms with setTimeout. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function run(): Promise<void> {
  const config = configFrom(Object.fromEntries(VARIABLES.map((name) => [name, Deno.env.get(name)])));
  await startLog(config);
  const service = serve(config);
  announce(service, config);

  const signals = new Channel<Deno.Signal>(1);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => signals.trySend(signal));
  }
  const end = await select({ signals, failures: service.failures });
  switch (end.from) {
    case "failures":
      log.fatal("failed: {error}", { error: end.value });
      return Deno.exit(1);
    case "signals":
      log.info("{signal}: stopping", { signal: end.value });
      setTimeout(() => Deno.exit(0), config.drainSeconds * 950); // whatever may hang
      await service.stop();
      return Deno.exit(0);
    default:
      end satisfies never;
  }
}

function announce({ host, port }: Service, { development }: Config): void {
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (!development) return log.info("listening on {url}", { url });
  console.log(`Tidings, in development mode: whoever reaches ${url} may publish and connect.

Open ${url} in a browser, and then try:

  curl -d '{"target":"alexander","data":{"title":"Hello, Alexander Hamilton!"}}' ${url}/v1/notify
`);
}

if (import.meta.main) {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`Tidings cannot start.\n${error.message}`);
    Deno.exit(2);
  }
}
