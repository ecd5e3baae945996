/** Limits: what nobody has had a reason to configure. */

export interface Limits {
  /** Of the hub's channels; a request may have 10,000 notifications. */
  readonly notifications: number;
  readonly registrations: number;
  /** The hub rests after a turn that took so long, and at most so long. */
  readonly restAfterMs: number;
  readonly restMs: number;
  /** Of the messages of browsers that wait for the processor; a frame may have 1,000. */
  readonly received: number;
  /** How long a target is followed after its last connection. */
  readonly lingerMs: number;
  /** Between two attempts to connect to NATS; half as much again at random. */
  readonly retryMs: number;
  /** How long NATS may take for an answer. */
  readonly requestMs: number;
  /** How often the journal looks after NATS, and this node tells the others of itself. */
  readonly beatMs: number;
  /** How often whoever looks at the console is told the metrics. */
  readonly watchMs: number;
  /** How often is looked whose token has expired. */
  readonly expiriesMs: number;
  /** When a socket that sends nothing is given up. */
  readonly stuckAfterMs: number;
}

export const LIMITS: Limits = {
  notifications: 16_384,
  registrations: 1_024,
  restAfterMs: 3,
  restMs: 10,
  received: 4_096,
  lingerMs: 5_000,
  retryMs: 500,
  requestMs: 3_000,
  beatMs: 1_000,
  watchMs: 1_000,
  expiriesMs: 1_000,
  stuckAfterMs: 30_000,
};
