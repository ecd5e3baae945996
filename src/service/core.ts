/** The core of a node: the parts that need only the configuration. All other parts are built on it. */

import { Channel } from "../async/channel.ts";
import { pause } from "../async/pause.ts";
import { nextTurn } from "../async/next_turn.ts";
import type { Config } from "../config/config.ts";
import type { Limits } from "../config/limits.ts";
import { ConnectionSlots } from "../connection/connection_slots.ts";
import { RecentlyLeft } from "../connection/recently_left.ts";
import type { Session } from "../connection/session.ts";
import { NotificationFeed } from "../hub/feed.ts";
import { Hub } from "../hub/hub.ts";
import { Pacer } from "../hub/pacer.ts";
import { parseAcceptedAt } from "../journal/entry_text.ts";
import { readCpuTime } from "../metrics/cpu_time.ts";
import { EventLoopLag } from "../metrics/event_loop_lag.ts";
import { NodeMetrics } from "../metrics/node_metrics.ts";
import { createQuotas, type Quotas } from "../quota/quotas.ts";
import { reportLimits } from "../reports/report_limits.ts";
import { Reports } from "../reports/reports.ts";
import { VERSION } from "../wire/version.ts";
import type { Tracing } from "../tracing/tracing.ts";
import { AccessLog } from "./access_log.ts";
import { FailureLog } from "./failure_log.ts";
import { log } from "./log.ts";
import { MemoryGuard } from "./memory_guard.ts";
import { RefusalLog } from "./refusal_log.ts";
import { writeToStdout } from "./stdout.ts";
import { SharedSlots } from "../workers/connection_cells.ts";
import type { OwnerLink } from "../workers/owner_link.ts";
import type { SlotCells } from "../workers/link.ts";
import { WorkerLink } from "../workers/worker_link.ts";

export interface Core {
  readonly config: Config;
  readonly limits: Limits;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly feed: NotificationFeed;
  readonly hub: Hub<Session>;
  readonly slots: ConnectionSlots;
  /** The slots of publishers' sockets. */
  readonly publisherSlots: ConnectionSlots;
  readonly recentlyLeft: RecentlyLeft;
  readonly reports: Reports;
  readonly metrics: NodeMetrics;
  readonly lag: EventLoopLag;
  readonly memory: MemoryGuard;
  readonly refusals: RefusalLog;
  readonly quotas: Quotas;
  /** Null: there is no access log. */
  readonly accessLog: AccessLog | null;
  /** Null: no spans are recorded. */
  readonly tracing: Tracing | null;
  /** What this isolate shares with the others of the process. Null: there are none. */
  readonly link: OwnerLink | WorkerLink | null;
  /** Receives the error of a part that must not fail. The node cannot continue after it. */
  readonly failures: Channel<unknown>;
  /** Aborts when the node begins to stop. */
  readonly stopping: AbortController;
  /** Counts and logs an error that no request has caused. */
  report(error: unknown): void;
  isDraining(): boolean;
}

/** As long as a burst of publishers takes to reach all isolates. */
const GATHER_MS = 1;

export function createCore(
  config: Config,
  { limits, now, tracing = null, link = null }:
    & Pick<Core, "limits" | "now">
    & Partial<Pick<Core, "tracing" | "link">>,
): Core {
  const stopping = new AbortController();
  const feed = new NotificationFeed(limits.notifications, { bytesPerTarget: config.outboxBytes / 2 });
  const elapsed = () => performance.now();
  const pacer = new Pacer({
    nextTurn: link === null ? nextTurn : async () => {
      await nextTurn();
      link.inlets.take(); // what waits belongs into the same frames
    },
    now: elapsed,
    minMs: limits.restAfterMs,
    maxMs: limits.restMs,
  });
  const hub = new Hub<Session>(feed, {
    capacity: limits.registrations,
    pacer,
    gather: link === null ? undefined : () => pause(GATHER_MS, stopping.signal),
  });
  const slots = createSlots(config.maxConnections, link, "connections");
  const publisherSlots = createSlots(limits.publisherSockets, link, "publishers");
  const failures = new Channel<unknown>(1);
  const usedBytes = () => Deno.memoryUsage().rss;
  const lag = new EventLoopLag(elapsed), isWorker = link instanceof WorkerLink; // another isolate tells of the process
  const metrics = new NodeMetrics({
    connections: () => hub.connectionsOf(null),
    slots,
    publisherSlots,
    feed: feed.notifications,
    keys: config.publisherKeys,
    outboxBytes: config.outboxBytes,
    journalBytes: config.retention.bytes,
    build: { version: VERSION, deno: Deno.version.deno },
    memoryBytes: isWorker ? () => 0 : usedBytes,
    cpuTime: isWorker ? () => ({ ...readCpuTime(), process: 0 }) : readCpuTime,
    lag,
    acceptedAt: parseAcceptedAt,
    now,
    elapsed,
  });
  const warn = (message: string, properties: Record<string, unknown>) => log.warn(message, properties);
  const failureLog = new FailureLog({ everyMs: limits.failuresMs, signal: stopping.signal });
  return {
    config,
    limits,
    now,
    feed,
    hub,
    slots,
    publisherSlots,
    recentlyLeft: new RecentlyLeft(),
    metrics,
    lag,
    quotas: createQuotas(config.rateLimits, { now: elapsed, stopping: stopping.signal, metrics }),
    refusals: new RefusalLog(warn),
    accessLog: config.accessLog
      ? new AccessLog({
        ...config,
        write: writeToStdout,
        warn,
        now: Date.now,
        monotonic: () => performance.now(),
      })
      : null,
    tracing,
    link,
    reports: new Reports({
      limits: reportLimits(config.retention, { maxReports: limits.reports }),
      acceptedAt: parseAcceptedAt,
      now,
    }),
    memory: new MemoryGuard({
      maxBytes: config.maxMemoryBytes,
      usedBytes,
      onShed: () => metrics.shed(),
      failed: (error) => void failures.trySend(error),
      log,
    }),
    failures,
    stopping,
    isDraining: () => stopping.signal.aborted,
    report(error) {
      metrics.failed(error);
      failureLog.report(error);
    },
  };
}

/** The isolates of a process have its slots together. */
function createSlots(capacity: number, link: Core["link"], kind: keyof SlotCells): ConnectionSlots {
  if (link === null) return new ConnectionSlots(capacity);
  return new SharedSlots(capacity, { cells: link.cells[kind], isolate: link.isolate });
}
