/** Creates marks: the entries of a target's stream that say what the target has read. */

import { Buffer } from "node:buffer";
import type { Position } from "../wire/position.ts";
import { toRfc3339 } from "../wire/rfc3339.ts";
import type { EntryMeta } from "./index/target_log.ts";
import { type PositionOf, type ReadState, toReadMark } from "./index/read_state.ts";
import type { Entry, ReadMark } from "./journal.ts";

/** Creates the mark of a target at a sequence number. `markedAt` is in milliseconds since 1970. */
export function createMark(
  mark: ReadState,
  { target, sequence, markedAt, retentionSeconds, positionOf }: {
    target: string;
    sequence: number;
    markedAt: number;
    retentionSeconds: number;
    positionOf: PositionOf;
  },
): Entry & EntryMeta {
  const position = positionOf(sequence);
  const text = encodeMark(toReadMark(mark, positionOf), { position, markedAt });
  const expiresAt = markedAt + 1000 * retentionSeconds;
  const bytes = Buffer.byteLength(text);
  return {
    id: null,
    sequence,
    position,
    target,
    topic: null,
    expiresAt,
    hasOwnTtl: false,
    text,
    bytes,
    mark,
  };
}

/** The message that browsers receive. */
export function encodeMark(
  { through, read, unread }: ReadMark,
  { position, markedAt }: { position: Position; markedAt: number },
): string {
  return JSON.stringify({ type: "read", position, at: toRfc3339(markedAt), through, read, unread });
}

/** Returns a test of whether the notification at a position is read. */
export function readTest({ through, read, unread }: ReadMark): (position: Position) => boolean {
  const isIn = { read: new Set(read), unread: new Set(unread) };
  return (position) =>
    through !== null && position <= through ? !isIn.unread.has(position) : isIn.read.has(position);
}
