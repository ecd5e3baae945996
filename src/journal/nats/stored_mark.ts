/** Converts marks, which say what a target has read, to NATS messages and back. */

import { Buffer } from "node:buffer";
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { z } from "zod";
import type { Position } from "../../wire/position.ts";
import type { ReadMark } from "../read.ts";
import { encodeMark, markEntry } from "../mark.ts";
import { setChecksum } from "../../nats/checksum.ts";
import { isSound } from "./sound_entry.ts";
import {
  entrySubject,
  type IncomingMessage,
  type ParseContext,
  PLACEHOLDER,
  ROLLUP,
  type StoredEntry,
  type StoredMessage,
} from "./message.ts";
import { setStamp, stampedPosition, stampOf } from "./stamp.ts";

/** The last token of the subject of a target's mark. No topic contains a tilde. */
export const MARK = "~read";
const NOTHING_MARKED: ReadMark = { through: null, read: [], unread: [] };

/** A position without its epoch. */
const ShortPosition = z.string().regex(/^[0-9a-z]{11}-[0-9a-z]{6}$/);

/** The parts of a stored mark that differ from one to the next. */
const StoredReadMark = z.object({
  at: z.iso.datetime(),
  through: ShortPosition.nullable(),
  read: z.array(ShortPosition),
  unread: z.array(ShortPosition),
});

const decoder = new TextDecoder();
const EPOCH_LENGTH = 9; // with its hyphen

/**
 * Positions are stored without their epoch, which is added when the mark is read, as to the position of every entry.
 * Otherwise it is the message that browsers receive: nodes of version 0.1.0 pass it on, and browsers ignore it.
 */
export function outgoingMark(
  { through, read, unread }: ReadMark,
  { stream, target, now }: { stream: string; target: string; now: number },
): { subject: string; payload: Uint8Array; headers: MsgHdrs } {
  const shorten = (position: Position) => position.slice(EPOCH_LENGTH);
  const stored = {
    through: through === null ? null : shorten(through),
    read: read.map(shorten),
    unread: unread.map(shorten),
  };
  const header = headers();
  setStamp(header, now);
  header.set(ROLLUP, "sub");
  const payload = Buffer.from(encodeMark(stored, { position: PLACEHOLDER, markedAt: now }));
  setChecksum(header, payload);
  return { subject: entrySubject(stream, target, MARK), payload, headers: header };
}

/** The entry with all its positions. Null if the message is not one that a node has stored. */
export function parseMark(
  { target, sequence, header, data }: IncomingMessage,
  { epoch, retentionSeconds }: ParseContext,
): StoredEntry | null {
  const stored = isSound({ header, data }) ? parseStored(decoder.decode(data)) : undefined;
  if (stored === undefined) return null;
  const lengthen = (position: Position) => `${epoch}-${position}`;
  const mark: ReadMark = {
    through: stored.through === null ? null : lengthen(stored.through),
    read: stored.read.map(lengthen),
    unread: stored.unread.map(lengthen),
  };
  const markedAt = Date.parse(stored.at);
  const position = stampedPosition(epoch, { sequence, stamp: stampOf(header) });
  const expiresAt = markedAt + 1000 * retentionSeconds;
  return markEntry(mark, { target, sequence, position, markedAt, expiresAt });
}

/** What the target has read: nothing without a mark, with a damaged one, or if it has expired at this time. */
export function readMarkOf(stored: StoredMessage | null, now: number): ReadMark {
  if (stored === null || stored.text === null || stored.expiresAt <= now) return NOTHING_MARKED;
  const { through, read, unread }: ReadMark = JSON.parse(stored.text);
  return { through, read, unread };
}

/** Undefined if it is not what a node has stored. */
function parseStored(text: string): z.infer<typeof StoredReadMark> | undefined {
  try {
    return StoredReadMark.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
