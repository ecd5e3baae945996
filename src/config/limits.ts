/** The limits and intervals that nobody has needed to configure. Tests replace some of them. */

export interface Limits {
  /** Capacity of the hub's channel of notifications. One request may contain 10,000. */
  readonly notifications: number;
  /** Capacity of the hub's channels of registrations and deregistrations. */
  readonly registrations: number;
  /** The hub rests after a turn that took at least this long. */
  readonly restAfterMs: number;
  /** The hub rests at most this long. */
  readonly restMs: number;
  /** Capacity of the channel of messages from browsers, and of the webhook's backlog. One frame may contain 250. */
  readonly received: number;
  /** How many messages of one target may wait for the webhook. */
  readonly receivedPerTarget: number;
  /** How many publishers can have a WebSocket. */
  readonly publisherSockets: number;
  /** How many delivery reports a node keeps. */
  readonly reports: number;
  /** How long the journal still follows a target after its last connection has closed. */
  readonly lingerMs: number;
  /** Pause between two attempts to connect to NATS. Up to half of it is added at random. */
  readonly retryMs: number;
  /** Timeout for a reply from NATS. */
  readonly requestMs: number;
  /** Interval at which the journal checks NATS, and this node reports its load to the other nodes. */
  readonly heartbeatMs: number;
  /** Interval between two looks for scheduled notifications that are due. */
  readonly dueCheckMs: number;
  /** Interval at which the console receives the metrics of all nodes. */
  readonly snapshotMs: number;
  /** Interval between two checks for expired tokens. */
  readonly expiryCheckMs: number;
  /** Interval between two looks at the memory of the process. */
  readonly memoryCheckMs: number;
  /** A connection is closed when its socket has sent nothing for this long although something waits. */
  readonly stalledAfterMs: number;
  /** How long repetitions of an error are counted before they are logged together. */
  readonly failuresMs: number;
}

export const LIMITS: Limits = {
  notifications: 16_384,
  registrations: 1_024,
  restAfterMs: 3,
  restMs: 10,
  received: 4_096,
  receivedPerTarget: 256,
  publisherSockets: 1_024,
  reports: 65_536,
  lingerMs: 5_000,
  retryMs: 500,
  requestMs: 3_000,
  heartbeatMs: 1_000,
  dueCheckMs: 50,
  snapshotMs: 1_000,
  expiryCheckMs: 1_000,
  memoryCheckMs: 100,
  stalledAfterMs: 30_000,
  failuresMs: 10_000,
};
