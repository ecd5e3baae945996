/** What the owner of the journal hands to an isolate, so that both write into memory that the other reads. */

import type { RingMemory } from "./ring_memory.ts";

export interface WorkerStart {
  /** From 1: the owner is 0. */
  readonly isolate: number;
  readonly replies: RingMemory;
  /** Wakes the isolate. */
  readonly bell: SharedArrayBuffer;
  /** Wakes the owner. */
  readonly ownerBell: SharedArrayBuffer;
}
