/** Metrics: what a node says of itself. Values of JSON, for they travel to whoever watches all nodes. */

/** How much of something there is, of how much there may be. */
export interface Fill {
  readonly taken: number;
  readonly capacity: number;
}

/** The buckets end at these milliseconds, each included; one more bucket has what took longer. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  ...[1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800],
  ...[1_200, 2_000, 5_000, 10_000, 30_000],
];

/** How long notifications took from being accepted to being handed to a socket, since the start. */
export interface Latency {
  /** How many there are in each bucket: one more than there are bounds. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

/** What is counted grows from the node's start on; the rest is as it is now. */
export interface Metrics {
  /** Milliseconds since 1970, by the clock of the node. */
  readonly at: number;
  readonly startedAt: number;
  readonly connections: { readonly websocket: number; readonly sse: number };
  /** How many targets have connections. */
  readonly targets: number;
  /** How many connections read the journal. */
  readonly behind: number;
  /** Seats for connections, also of those whose sockets are still closing. */
  readonly seats: Fill;
  /** Notifications between the journal and the hub. */
  readonly feed: Fill;
  /** Bytes in the fullest outbox, and how many one may have. */
  readonly outbox: Fill;
  /** Bytes in all outboxes together. */
  readonly waitingBytes: number;
  readonly memoryBytes: number;
  /** Counted: notifications that this node accepted, each once for each of its targets. */
  readonly accepted: number;
  /** Counted: notifications handed to a socket, each once for each connection. */
  readonly delivered: number;
  readonly latency: Latency;
  /** Counted: how often a connection that was live fell behind. */
  readonly fellBehind: number;
  /** Counted: connections that ended, by the close code; `gone` if the browser ended it. */
  readonly ended: Readonly<Record<string, number>>;
  /** Counted: requests that were refused, by the status. */
  readonly refused: Readonly<Record<string, number>>;
  /** Counted: failures that were reported: of the journal, and others. */
  readonly failures: { readonly journal: number; readonly other: number };
}
