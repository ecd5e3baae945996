/** The setting of a history: what is the same from its first step to its last. */

import type { Retention } from "../../../src/journal/journal.ts";
import type { TransportKind } from "../../../src/wire/transport_kind.ts";

export interface TabSetting {
  readonly target: string;
  readonly transport: TransportKind;
  /** How a tab without a position starts: with what is new, with all that is kept, or after its inbox. */
  readonly start: "new" | "earliest" | "inbox";
  readonly acks: boolean;
  /** How long each of its tokens is valid; null: for ever. */
  readonly tokenMs: number | null;
}

export interface Setting {
  /** Decides everything that no step decides: how long messages and turns take, and all random numbers of the code. */
  readonly seed: number;
  readonly nodes: number;
  /**
   * `memory`: the journal of a single node, which ends with it. `store`: a memory journal in a process of its own, which
   * the nodes reach over the network, as they would reach NATS.
   */
  readonly journal: "memory" | "store";
  readonly retention: Retention;
  readonly outboxBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerTarget: number;
  /** The capacity of the queue between the journal and the hub. */
  readonly queued: number;
  /** The capacity of the channels in which connections register with the hub. */
  readonly registrations: number;
  readonly lingerMs: number;
  /** The longest turn of a node's event loop. Few are as long. */
  readonly turnMs: number;
  /** The longest way of a message between a browser and a node. */
  readonly latencyMs: number;
  /** The longest way of a message between nodes and the store. */
  readonly linkMs: number;
  /** What the kernels of both sides hold for a connection. */
  readonly kernelBytes: number;
  readonly bytesPerMs: number;
  /** How far the clocks of the nodes differ. */
  readonly skewMs: number;
  readonly tabs: readonly TabSetting[];
}

/** A setting in which little happens by itself. What is printed of a history are the differences from it. */
export const CALM: Setting = {
  seed: 1,
  nodes: 1,
  journal: "memory",
  retention: { seconds: 3_600, perTarget: 1_000, bytes: 16 * 1024 * 1024 },
  outboxBytes: 1024 * 1024,
  maxConnections: 1_000,
  maxConnectionsPerTarget: 20,
  queued: 16_384,
  registrations: 1_024,
  lingerMs: 5_000,
  turnMs: 0.2,
  latencyMs: 2,
  linkMs: 1,
  kernelBytes: 64 * 1024,
  bytesPerMs: 1_000_000,
  skewMs: 0,
  tabs: [],
};
