/** Reads a page of an inbox: the newest notifications of a target, and what the target has read. */

import type { PageLimit } from "../journal.ts";
import type { InboxPage } from "../read.ts";
import type { Position } from "../../wire/position.ts";
import { isRead, NOTHING_READ, toReadMark } from "./read_state.ts";
import type { RetentionIndex } from "./retention_index.ts";
import type { Sequencer } from "./sequencer.ts";
import type { EntryMeta } from "./target_log.ts";

/** A page of whatever the index holds for each entry: the whole entry, or only its properties. */
export type InboxPageOf<K> = Omit<InboxPage, "entries"> & { readonly entries: readonly K[] };

/** The parameters of `Journal.inbox`, and the time. */
export interface InboxQuery extends PageLimit {
  readonly target: string;
  /** Null: the newest. */
  readonly before: Position | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Reads a page as `Journal.inbox` describes it. A position of another journal is before everything that is kept, so its
 * page is empty.
 */
export function readInbox<K extends EntryMeta>(
  { index, sequencer }: { index: RetentionIndex<K>; sequencer: Sequencer },
  { target, before, entries: maxEntries, bytes: maxBytes, now }: InboxQuery,
): InboxPageOf<K> {
  const state = index.markOf(target)?.mark ?? NOTHING_READ;
  const end = before === null ? Infinity : sequencer.sequenceOf(before) ?? 0;
  const entries: K[] = [];
  let unread = 0, more = false, bytesLeft = maxBytes;
  for (const entry of index.before(target, Infinity)) {
    if (entry.mark !== null || entry.expiresAt <= now) continue;
    if (!isRead(state, entry.sequence)) unread++;
    if (entry.sequence >= end || more) continue;
    bytesLeft -= entry.bytes;
    more = entries.length >= maxEntries || (entries.length > 0 && bytesLeft < 0);
    if (!more) entries.push(entry);
  }
  const positionOf = (sequence: number) => sequencer.positionOf(sequence);
  const mark = toReadMark(state, positionOf);
  return { entries, more, mark, unread, position: sequencer.positionOf(sequencer.head) };
}
