/** The metrics of several isolates of one process as those of the process. */

import type {
  FillLevel,
  JournalMetrics,
  Latency,
  Metrics,
  PresenceMetrics,
  RevocationMetrics,
  WebhookMetrics,
} from "./metrics.ts";

type Counts = Readonly<Record<string, number>>;
type Traffic =
  | (
    | "accepted"
    | "acceptedFrom"
    | "delivered"
    | "latency"
    | "appends"
    | "fellBehind"
    | "ended"
    | "publishersEnded"
  )
  | (
    | "refused"
    | "requests"
    | "sheds"
    | "failures"
    | "damagedRows"
    | "marks"
    | "pushes"
    | "webhook"
    | "presence"
  )
  | ("deadLetters" | "limited");
type Combine = (a: number, b: number) => number;

/**
 * Counters and what waits are added. What the isolates have in common is what the largest says, because those that ask
 * for it know it a moment later. A target with connections on several isolates is counted on each, because no isolate
 * knows of the others' targets.
 */
export function mergeMetrics([first, ...others]: readonly [Metrics, ...Metrics[]]): Metrics {
  return others.reduce(mergeTwo, first);
}

function mergeTwo(a: Metrics, b: Metrics): Metrics {
  return {
    ...mergeTraffic(a, b),
    at: Math.max(a.at, b.at),
    startedAt: Math.min(a.startedAt, b.startedAt),
    build: a.build,
    connections: {
      websocket: a.connections.websocket + b.connections.websocket,
      sse: a.connections.sse + b.connections.sse,
    },
    targets: a.targets + b.targets,
    behind: a.behind + b.behind,
    slots: shareOf(a.slots, b.slots),
    publisherSlots: shareOf(a.publisherSlots, b.publisherSlots),
    feed: sumOf(a.feed, b.feed),
    outbox: largestOf(a.outbox, b.outbox),
    waitingBytes: a.waitingBytes + b.waitingBytes,
    memoryBytes: a.memoryBytes + b.memoryBytes,
    scheduled: merge(a.scheduled, b.scheduled, Math.max),
    cpuSeconds: {
      process: a.cpuSeconds.process + b.cpuSeconds.process,
      eventLoop: a.cpuSeconds.eventLoop + b.cpuSeconds.eventLoop,
    },
    eventLoopLagSeconds: Math.max(a.eventLoopLagSeconds, b.eventLoopLagSeconds),
    journal: mergeJournal(a.journal, b.journal),
    revocations: mergeRevocations(a.revocations, b.revocations),
    outboxTable: a.outboxTable ?? b.outboxTable,
  };
}

/** What is counted while notifications come and go. */
function mergeTraffic(a: Metrics, b: Metrics): Pick<Metrics, Traffic> {
  return {
    accepted: a.accepted + b.accepted,
    acceptedFrom: merge(a.acceptedFrom, b.acceptedFrom),
    delivered: a.delivered + b.delivered,
    latency: mergeLatency(a.latency, b.latency),
    appends: mergeLatency(a.appends, b.appends),
    fellBehind: a.fellBehind + b.fellBehind,
    ended: merge(a.ended, b.ended),
    publishersEnded: merge(a.publishersEnded, b.publishersEnded),
    refused: merge(a.refused, b.refused),
    requests: merge(a.requests, b.requests),
    sheds: Math.max(a.sheds, b.sheds), // the memory is that of the process, so all of them close their connections
    failures: {
      journal: a.failures.journal + b.failures.journal,
      other: a.failures.other + b.failures.other,
    },
    damagedRows: a.damagedRows + b.damagedRows,
    marks: a.marks + b.marks,
    pushes: merge(a.pushes, b.pushes),
    webhook: mergeWebhook(a.webhook, b.webhook),
    presence: mergePresence(a.presence, b.presence),
    deadLetters: a.deadLetters + b.deadLetters,
    limited: mergeLimited(a.limited, b.limited),
  };
}

function add(a: number, b: number): number {
  return a + b;
}

function merge(a: Counts, b: Counts, combine: Combine = add): Counts {
  const merged: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) merged[name] = combine(merged[name] ?? 0, count);
  return merged;
}

/** The capacity is that of all isolates together. */
function shareOf(a: FillLevel, b: FillLevel): FillLevel {
  return { taken: a.taken + b.taken, capacity: Math.max(a.capacity, b.capacity) };
}

function sumOf(a: FillLevel, b: FillLevel): FillLevel {
  return { taken: a.taken + b.taken, capacity: a.capacity + b.capacity };
}

function largestOf(a: FillLevel, b: FillLevel): FillLevel {
  return { taken: Math.max(a.taken, b.taken), capacity: Math.max(a.capacity, b.capacity) };
}

function mergeLatency(a: Latency, b: Latency): Latency {
  return { counts: a.counts.map((count, index) => count + (b.counts[index] ?? 0)), sumMs: a.sumMs + b.sumMs };
}

function mergeJournal(a: JournalMetrics, b: JournalMetrics): JournalMetrics {
  return {
    entries: Math.max(a.entries, b.entries),
    bytes: largestOf(a.bytes, b.bytes),
    oldestAgeSeconds: Math.max(a.oldestAgeSeconds, b.oldestAgeSeconds),
    evicted: merge(a.evicted, b.evicted, Math.max),
  };
}

function mergeRevocations(a: RevocationMetrics, b: RevocationMetrics): RevocationMetrics {
  return {
    kept: Math.max(a.kept, b.kept),
    bytes: largestOf(a.bytes, b.bytes),
    effects: merge(a.effects, b.effects),
  };
}

function mergeWebhook(a: WebhookMetrics, b: WebhookMetrics): WebhookMetrics {
  return {
    backlog: sumOf(a.backlog, b.backlog),
    attempts: merge(a.attempts, b.attempts),
    lost: a.lost + b.lost,
  };
}

function mergePresence(a: PresenceMetrics, b: PresenceMetrics): PresenceMetrics {
  return {
    backlog: a.backlog + b.backlog,
    withoutRoom: a.withoutRoom + b.withoutRoom,
    attempts: merge(a.attempts, b.attempts),
    lost: a.lost + b.lost,
  };
}

function mergeLimited(a: Metrics["limited"], b: Metrics["limited"]): Metrics["limited"] {
  const merged: Record<string, Counts> = { ...a };
  for (const [limit, counts] of Object.entries(b)) merged[limit] = merge(merged[limit] ?? {}, counts);
  return merged;
}
