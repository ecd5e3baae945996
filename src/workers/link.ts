/** What the owner of the journal and a worker share, and what they send each other besides. */

import type { Revocation } from "../revocation/revocations.ts";
import type { Said } from "./said.ts";
import type { RingMemory } from "./ring_memory.ts";

/** What the slots of all isolates are counted in. */
export interface SlotCells {
  readonly connections: SharedArrayBuffer;
  readonly publishers: SharedArrayBuffer;
}

/** What the owner hands to a worker that starts. */
export interface WorkerStart {
  /** From 1: the owner is 0. */
  readonly isolate: number;
  readonly replies: RingMemory;
  /** Wakes the worker. */
  readonly bell: SharedArrayBuffer;
  /** Wakes the owner. */
  readonly ownerBell: SharedArrayBuffer;
  readonly cells: SlotCells;
  readonly health: SharedArrayBuffer;
  readonly revocations: readonly Revocation[];
  /** How much the schedule has. */
  readonly schedule: SharedArrayBuffer;
}

/** What the owner tells a worker. */
export type News =
  | { readonly kind: "said"; readonly message: Said }
  | { readonly kind: "revoked"; readonly revocation: Revocation };
