/** Merges changes into what a target has read, by the positions of what is kept. */

import type { Position } from "../../wire/position.ts";
import {
  type KeptNotifications,
  mergeChange,
  type ReadState,
  type StateChange,
  toReadMark,
} from "../index/read_state.ts";
import { markedReceipt } from "../mark.ts";
import type { MarkReceipt, ReadChange, ReadEntry, ReadMark } from "../read.ts";
import type { StoredEntry } from "./message.ts";
import { parsePosition } from "./stamp.ts";

/** The kept notifications of the target and of everyone by their numbers, in ascending order. */
export type KeptEntries = ReadonlyMap<number, Pick<StoredEntry, "id" | "position" | "hasPush">>;

export interface MergedMarks {
  /** One for each change, in order. */
  readonly receipts: readonly MarkReceipt[];
  /** The new mark; null if nothing changes. */
  readonly mark: ReadMark | null;
}

/** The state that a mark says. */
export function readStateOf({ through, read, unread }: ReadMark): ReadState {
  return {
    through: through === null ? 0 : sequenceOf(through),
    read: read.map(sequenceOf),
    unread: unread.map(sequenceOf),
  };
}

/** Merges one change after the other. The changes must be of this stream; those through a position must be known. */
export function mergeMarks(
  mark: ReadMark,
  { changes, kept }: { changes: readonly ReadChange[]; kept: KeptEntries },
): MergedMarks {
  const through = changes.flatMap((change) => "through" in change ? [change.through] : []);
  const known = [mark.through ?? [], mark.read, mark.unread, through].flat();
  const positions = new Map(known.map((position) => [sequenceOf(position), position]));
  const keptNotifications = notificationsOf(kept);
  const before = readStateOf(mark);
  let state = before;
  const receipts = changes.map((change): MarkReceipt => {
    const merged = mergeChange(state, toStateChange(change, kept), keptNotifications);
    if (merged === null) return { outcome: "unchanged" };
    if (merged === "too many exceptions") return { outcome: merged };
    state = merged.state;
    return markedReceipt(merged.newlyRead.flatMap((sequence) => readEntry(kept.get(sequence))));
  });
  const positionOf = (sequence: number) => {
    const position = kept.get(sequence)?.position ?? positions.get(sequence);
    if (position === undefined) throw new Error(`the mark names ${sequence}, whose position is unknown`);
    return position;
  };
  return { receipts, mark: state === before ? null : toReadMark(state, positionOf) };
}

function readEntry(
  kept: Pick<StoredEntry, "id" | "hasPush"> | undefined,
): readonly ReadEntry[] {
  const { id = null, hasPush = false } = kept ?? {};
  return id === null ? [] : [{ id, hasPush }];
}

function notificationsOf(kept: KeptEntries): KeptNotifications {
  return {
    has: (sequence) => kept.has(sequence),
    *after(start) {
      for (const sequence of kept.keys()) if (sequence > start) yield sequence;
    },
  };
}

/** Without the positions whose number belongs to another message, or to none that is kept. */
function toStateChange(change: ReadChange, kept: KeptEntries): StateChange {
  if ("through" in change) return { type: "read", through: sequenceOf(change.through) };
  const isKept = (position: Position) => {
    const stored = kept.get(sequenceOf(position))?.position;
    return stored === position || stored?.startsWith(`${position}-`); // positions of version 0.1.0 have no stamp
  };
  return { type: change.type, sequences: change.positions.filter(isKept).map(sequenceOf) };
}

function sequenceOf(position: Position): number {
  return parsePosition(position).sequence;
}
