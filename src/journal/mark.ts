/** Creates marks: the entries of a target's stream that say what the target has read. */

import type { Position } from "../wire/position.ts";
import { toRfc3339 } from "../wire/rfc3339.ts";
import type { EntryMeta } from "./index/target_log.ts";
import { type DatedState, type PositionOf, type ReadState, toReadMark } from "./index/read_state.ts";
import type { Entry } from "./journal.ts";
import type { MarkReceipt, ReadEntry, ReadMark } from "./read.ts";

/**
 * Creates the mark of a target at a sequence number. `markedAt` and `keptUntil` are in milliseconds since 1970.
 *
 * @param options.keptUntil until when earlier notifications may be kept, if their retention was longer
 */
export function createMark(
  state: ReadState,
  { target, sequence, markedAt, retentionSeconds, keptUntil = -Infinity, positionOf }: {
    target: string;
    sequence: number;
    markedAt: number;
    retentionSeconds: number;
    keptUntil?: number;
    positionOf: PositionOf;
  },
): Entry & EntryMeta & { readonly mark: DatedState } {
  const position = positionOf(sequence);
  const expiresAt = Math.max(markedAt + 1000 * retentionSeconds, keptUntil);
  const entry = markEntry(toReadMark(state, positionOf), { target, sequence, position, markedAt, expiresAt });
  return { ...entry, mark: { ...state, markedAt } };
}

/** The entry of a mark. Times are in milliseconds since 1970. */
export function markEntry(
  mark: ReadMark,
  { target, sequence, position, markedAt, expiresAt }: {
    target: string | null;
    sequence: number;
    position: Position;
    markedAt: number;
    expiresAt: number;
  },
): Entry & { readonly sequence: number } {
  const text = encodeMark(mark, { position, markedAt });
  const bytes = text.length; // all of it is ASCII
  return {
    id: null,
    sequence,
    position,
    target,
    topic: null,
    expiresAt,
    hasOwnTtl: false,
    hasPush: false,
    text,
    bytes,
  };
}

/** The receipt of a change that marks notifications as read. */
export function markedReceipt(newlyRead: readonly ReadEntry[]): MarkReceipt {
  const pushes = newlyRead.filter(({ hasPush }) => hasPush);
  return { outcome: "marked", read: newlyRead.map(({ id }) => id), pushes: pushes.map(({ id }) => id) };
}

/** The message that browsers receive. */
export function encodeMark(
  { through, read, unread }: ReadMark,
  { position, markedAt }: { position: Position; markedAt: number },
): string {
  const at = toRfc3339(markedAt), until = through === null ? "null" : `"${through}"`;
  return `{"type":"read","position":"${position}","at":"${at}","through":${until},"read":${
    arrayOf(read)
  },"unread":${arrayOf(unread)}}`;
}

/** Positions need no escapes, so this takes a third of the time of `JSON.stringify`. */
function arrayOf(positions: readonly Position[]): string {
  return positions.length === 0 ? "[]" : `["${positions.join('","')}"]`;
}

/** Returns a test of whether the notification at a position is read. */
export function readTest({ through, read, unread }: ReadMark): (position: Position) => boolean {
  const isIn = { read: new Set(read), unread: new Set(unread) };
  return (position) =>
    through !== null && position <= through ? !isIn.unread.has(position) : isIn.read.has(position);
}
