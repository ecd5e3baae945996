/** ReadState: which notifications a target has read, by their sequence numbers, and how a change is merged into it. */

import type { Position } from "../../wire/position.ts";
import type { ReadMark } from "../read.ts";

export type PositionOf = (sequence: number) => Position;

/**
 * Everything up to `through` is read except for `unread`, and of what follows, `read` is. Both lists ascend, and hold
 * only sequence numbers of notifications that were kept at the last change.
 */
export interface ReadState {
  /** 0: nothing. */
  readonly through: number;
  /** Greater than `through`. */
  readonly read: readonly number[];
  /** At most `through`. */
  readonly unread: readonly number[];
}

/** The state as a mark says it. */
export interface DatedState extends ReadState {
  /** Milliseconds since 1970. */
  readonly markedAt: number;
}

export const NOTHING_READ: ReadState = { through: 0, read: [], unread: [] };

/** A state whose lists together are longer is refused, because every change sends the whole state to every tab. */
export const MAX_EXCEPTIONS = 500;

/** A change of the state. Sequence numbers that are not kept are ignored. */
export type StateChange =
  | { readonly type: "read" | "unread"; readonly sequences: readonly number[] }
  /** Everything up to this sequence number was read. */
  | { readonly type: "read"; readonly through: number };

/** The notifications that are kept for the target, its own and everyone's. */
export interface KeptNotifications {
  has(sequence: number): boolean;
  /** Yields the sequence numbers after this one, in ascending order. */
  after(sequence: number): Iterable<number>;
}

/** A change that was merged. */
export interface MergedChange {
  readonly state: ReadState;
  /**
   * The notifications that the change marks as read for the first time, in ascending order. One that was marked as unread
   * again is known to have been read if it is at most `through`.
   */
  readonly newlyRead: readonly number[];
}

/** The state as positions. */
export function toReadMark(state: ReadState, positionOf: PositionOf): ReadMark {
  const { through, read, unread } = state;
  return {
    through: through === 0 ? null : positionOf(through),
    read: read.map(positionOf),
    unread: unread.map(positionOf),
  };
}

export function isRead({ through, read, unread }: ReadState, sequence: number): boolean {
  return sequence <= through ? !includes(unread, sequence) : includes(read, sequence);
}

/**
 * Merges a change into the state. Returns null if nothing that is kept changes, and "too many exceptions" if the new
 * state would have more than {@linkcode MAX_EXCEPTIONS}.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const sequences = [3, 5, 8, 9];
 * const kept: KeptNotifications = {
 *   has: (sequence) => sequences.includes(sequence),
 *   after: (start) => sequences.filter((sequence) => sequence > start),
 * };
 * const first = mergeChange(NOTHING_READ, { type: "read", sequences: [3, 8] }, kept);
 * assertEquals(first, { state: { through: 3, read: [8], unread: [] }, newlyRead: [3, 8] });
 * ```
 */
export function mergeChange(
  state: ReadState,
  change: StateChange,
  kept: KeptNotifications,
): MergedChange | "too many exceptions" | null {
  const changed = changedSequences(state, change, kept);
  if (changed.length === 0) return null;
  const merged = change.type === "read" ? withRead(state, changed) : withUnread(state, changed);
  const through = "through" in change ? Math.max(merged.through, change.through) : merged.through;
  const next = compact({ ...merged, through }, kept);
  if (next.read.length + next.unread.length > MAX_EXCEPTIONS) return "too many exceptions";
  const newlyRead = change.type === "read" ? changed.filter((one) => !includes(state.unread, one)) : [];
  return { state: next, newlyRead };
}

/** The kept notifications to which the change makes a difference, in ascending order. */
function changedSequences(state: ReadState, change: StateChange, kept: KeptNotifications): number[] {
  if ("sequences" in change) {
    const isChanged = (one: number) => isRead(state, one) !== (change.type === "read") && kept.has(one);
    return [...new Set(change.sequences)].filter(isChanged).sort((one, other) => one - other);
  }
  const changed = state.unread.filter((one) => one <= change.through && kept.has(one));
  for (const sequence of kept.after(state.through)) {
    if (sequence > change.through) break;
    if (!includes(state.read, sequence)) changed.push(sequence);
  }
  return changed;
}

function withRead({ through, read, unread }: ReadState, sequences: readonly number[]): ReadState {
  const changed = new Set(sequences);
  return {
    through,
    read: sorted([...read, ...sequences.filter((one) => one > through)]),
    unread: unread.filter((one) => !changed.has(one)),
  };
}

function withUnread({ through, read, unread }: ReadState, sequences: readonly number[]): ReadState {
  const changed = new Set(sequences);
  return {
    through,
    read: read.filter((one) => !changed.has(one)),
    unread: sorted([...unread, ...sequences.filter((one) => one <= through)]),
  };
}

/** Moves `through` over everything that is read, and drops from both lists what is kept no longer. */
function compact({ through, read, unread }: ReadState, kept: KeptNotifications): ReadState {
  for (const sequence of kept.after(through)) {
    if (!includes(read, sequence)) break;
    through = sequence;
  }
  return {
    through,
    read: read.filter((one) => one > through && kept.has(one)),
    unread: unread.filter((one) => kept.has(one)),
  };
}

function sorted(sequences: number[]): number[] {
  return sequences.sort((one, other) => one - other);
}

/** Binary search in an ascending list. */
function includes(ascending: readonly number[], sequence: number): boolean {
  let low = 0, high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1, found = ascending[middle] ?? Infinity;
    if (found === sequence) return true;
    if (found > sequence) high = middle;
    else low = middle + 1;
  }
  return false;
}
