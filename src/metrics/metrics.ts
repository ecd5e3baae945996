/** The metrics of one node, as JSON values that nodes can send to each other. */

import type { TransportKind } from "../wire/transport_kind.ts";

/** How much of a capacity is in use. */
export interface FillLevel {
  readonly taken: number;
  readonly capacity: number;
}

/** The inclusive upper bounds of the buckets, in milliseconds. One more bucket counts everything slower. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  ...[1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800],
  ...[1_200, 2_000, 5_000, 10_000, 30_000],
];

/** How long something took, since the node started. */
export interface Latency {
  /** The events in each bucket. There is one bucket more than there are bounds. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

/** What a node has read of the outbox table. */
export interface OutboxTableMetrics {
  /** Counters: rows by `kept` (published and deleted) or `failed` (they stand aside). */
  readonly rows: Readonly<Record<string, number>>;
  /** The age of the oldest row that waited when the node last looked; 0 if none did. */
  readonly oldestSeconds: number;
  /** False while the table cannot be read. */
  readonly isRead: boolean;
}

/** What runs on the node. */
export interface Build {
  /** The version of Tidings. */
  readonly version: string;
  readonly deno: string;
}

/** What the journal keeps. With NATS, it is that of all nodes. */
export interface JournalMetrics {
  /** Notifications and marks, also those that have expired and are not removed yet. */
  readonly entries: number;
  /** The bytes that count against the retention. */
  readonly bytes: FillLevel;
  /** The age of the oldest entry; 0 if there is none, or if it is not known. */
  readonly oldestAgeSeconds: number;
  /** Counters: entries that were removed while this node ran, by reason. */
  readonly evicted: Readonly<Record<string, number>>;
}

/** The messages from browsers that a webhook carries to the application. */
export interface WebhookMetrics {
  /** Messages that are not delivered yet. The capacity is 0 without a webhook. */
  readonly backlog: FillLevel;
  /** Counters: attempts to deliver a message, by `delivered`, `failed`, or `gone` (the application wants no more). */
  readonly attempts: Readonly<Record<string, number>>;
  /** Counter: messages that were given up after the last attempt, or dropped because the application wants no more. */
  readonly lost: number;
}

/** The events of targets that go online and offline, which this node tells the application. */
export interface PresenceMetrics {
  /** Targets with events that the application has not received yet. */
  readonly backlog: number;
  /** Connected targets whose events are not sent, because there is no room for more records. */
  readonly withoutRoom: number;
  /** Counters: attempts to tell an event, by `delivered`, `failed`, or `gone` (the application wants no more). */
  readonly attempts: Readonly<Record<string, number>>;
  /** Counter: events that were given up after a day, or dropped for lack of room or because the application wants no more. */
  readonly lost: number;
}

/** The revocations of tokens. With NATS, all nodes keep the same. */
export interface RevocationMetrics {
  readonly kept: number;
  /** What they take of the room that is left to them. */
  readonly bytes: FillLevel;
  /** Counters: what revoked tokens have met with: requests that were `refused`, and connections that were `closed`. */
  readonly effects: Readonly<Record<string, number>>;
}

/** Counters grow from the start of the node; all other values describe the moment `at`. */
export interface Metrics {
  /** Milliseconds since 1970, by the clock of the node. */
  readonly at: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly build: Build;
  readonly connections: Readonly<Record<TransportKind, number>>;
  /** Targets that have connections. */
  readonly targets: number;
  /** Connections that read the journal. */
  readonly behind: number;
  /** Connection slots, including those of sockets that are still closing. */
  readonly slots: FillLevel;
  /** Sockets of publishers, including those that are still closing. */
  readonly publisherSlots: FillLevel;
  /** Notifications between the journal and the hub. */
  readonly feed: FillLevel;
  /** Bytes in the fullest outbox, and the limit of one outbox. */
  readonly outbox: FillLevel;
  /** Bytes in all outboxes together. */
  readonly waitingBytes: number;
  /** Resident memory of the process. */
  readonly memoryBytes: number;
  /** What waits until it is due, by kind: `notification` or `push`. With NATS, all nodes know of the same. */
  readonly scheduled: Readonly<Record<string, number>>;
  /** Counters: the CPU time of the process, and that of the thread with the event loop. */
  readonly cpuSeconds: { readonly process: number; readonly eventLoop: number };
  /** The longest delay of a timer in the last 15 to 30 seconds. */
  readonly eventLoopLagSeconds: number;
  readonly journal: JournalMetrics;
  /** Counter: notifications that this node accepted, once for each target. */
  readonly accepted: number;
  /** Counters: the same, by source. */
  readonly acceptedFrom: Readonly<Record<string, number>>;
  /** Counter: notifications sent to sockets, once for each connection. */
  readonly delivered: number;
  /** From accepting a notification to sending it to a socket. */
  readonly latency: Latency;
  /** From handing the notifications of a request to the journal until it has stored them. */
  readonly appends: Latency;
  /** Counter: how often a live connection fell behind. */
  readonly fellBehind: number;
  /** Counters: closed connections, by close code, or `gone` if the browser closed the connection. */
  readonly ended: Readonly<Record<string, number>>;
  /** Counters: closed sockets of publishers, in the same way. */
  readonly publishersEnded: Readonly<Record<string, number>>;
  /** Counters: refused requests, by HTTP status. */
  readonly refused: Readonly<Record<string, number>>;
  /** Counters: authorized requests of publishers, by the name of the key. A WebSocket is one request. */
  readonly requests: Readonly<Record<string, number>>;
  /** Counter: how often all connections were closed because memory was short. */
  readonly sheds: number;
  /** Counters: reported failures of the journal, and all others. */
  readonly failures: { readonly journal: number; readonly other: number };
  /** Counter: rows of the journal's file, or messages of its stream, that were damaged and are skipped. */
  readonly damagedRows: number;
  /** Counter: changes of what targets have read, of browsers and publishers. */
  readonly marks: number;
  /** Counters: attempts to push to a device, by `sent`, `gone`, `later` (it is tried again) or `failed`. */
  readonly pushes: Readonly<Record<string, number>>;
  /** Null: no outbox table is configured. */
  readonly outboxTable: OutboxTableMetrics | null;
  readonly webhook: WebhookMetrics;
  readonly presence: PresenceMetrics;
  readonly revocations: RevocationMetrics;
  /** Counter: messages of the queue that this node has stored as dead letters. */
  readonly deadLetters: number;
  /** Counters: what limits have refused or delayed, by the limit, and by the name of the key; empty: not of a key. */
  readonly limited: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
