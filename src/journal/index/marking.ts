/** Marking: merges a change of what a target has read, by what the retention index keeps. */

import type { ReadChange } from "../read.ts";
import {
  type KeptNotifications,
  mergeChange,
  NOTHING_READ,
  type ReadState,
  type StateChange,
} from "./read_state.ts";
import type { RetentionIndex } from "./retention_index.ts";
import type { Sequencer } from "./sequencer.ts";
import type { EntryMeta } from "./target_log.ts";

/** A change that was merged, with the entries that it marks as read. */
export interface MarkedState<K> {
  readonly state: ReadState;
  readonly newlyRead: readonly K[];
}

/**
 * Merges the change into what the target has read: by its mark in the index, or by `pending`, a newer state that is
 * not in the index yet. The caller has to store the new state.
 */
export function markIn<K extends EntryMeta>(
  { index, sequencer }: { index: RetentionIndex<K>; sequencer: Sequencer },
  { target, change, now, pending }: {
    target: string;
    change: ReadChange;
    now: number;
    pending?: ReadState | undefined;
  },
): MarkedState<K> | "unchanged" | "too many exceptions" {
  const stateChange = toStateChange(change, sequencer);
  if (stateChange === null) return "unchanged";
  const kept = keptNotifications(index, { target, now });
  const state = pending ?? index.markOf(target)?.mark ?? NOTHING_READ;
  const merged = mergeChange(state, stateChange, kept);
  if (merged === null) return "unchanged";
  if (merged === "too many exceptions") return merged;
  const newlyRead = merged.newlyRead.flatMap((sequence) => index.find(target, sequence) ?? []);
  return { state: merged.state, newlyRead };
}

/** Null if the change names nothing of this journal. */
function toStateChange(change: ReadChange, sequencer: Sequencer): StateChange | null {
  if ("through" in change) {
    const through = sequencer.sequenceOf(change.through);
    return through === undefined ? null : { type: "read", through };
  }
  const sequences = change.positions.flatMap((position) => sequencer.sequenceOf(position) ?? []);
  return { type: change.type, sequences };
}

function keptNotifications<K extends EntryMeta>(
  index: RetentionIndex<K>,
  { target, now }: { target: string; now: number },
): KeptNotifications {
  const isKept = (entry: K | undefined) =>
    entry !== undefined && entry.mark === null && entry.expiresAt > now;
  return {
    has: (sequence) => isKept(index.find(target, sequence)),
    *after(sequence) {
      for (const entry of index.after(target, sequence)) if (isKept(entry)) yield entry.sequence;
    },
  };
}
