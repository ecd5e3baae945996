/** Paging: reads a page of what the retention index keeps, for a tab that is behind. */

import type { Page, PageLimit } from "../journal.ts";
import type { Position } from "../../wire/position.ts";
import type { EntryMeta } from "./target_log.ts";
import type { RetentionIndex } from "./retention_index.ts";
import type { Sequencer } from "./sequencer.ts";

/** A page of whatever the index holds for each entry: the whole entry, or only its properties. */
export type PageOf<K> = Omit<Page, "entries"> & { readonly entries: readonly K[] };

/** The parameters of `Journal.read`, and the time. */
export interface PageQuery extends PageLimit {
  readonly target: string;
  /** Null: the head. */
  readonly after: Position | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Reads a page as `Journal.read` describes it. Skips expired entries, which the index may still hold. */
export function readPage<K extends EntryMeta>(
  { index, sequencer }: { index: RetentionIndex<K>; sequencer: Sequencer },
  { target, after, entries: maxEntries, bytes: maxBytes, now }: PageQuery,
): PageOf<K> {
  const head = sequencer.positionOf(sequencer.head);
  if (after === null) return { entries: [], next: head, more: false, complete: true };
  const from = sequencer.sequenceOf(after);
  const completeAfter = index.completeAfter(target);
  let complete = from !== undefined && from >= completeAfter;
  let loss = complete ? {} : { lossThrough: completeAfter };
  const entries: K[] = [];
  let bytesLeft = maxBytes;
  for (const entry of index.after(target, from ?? 0)) {
    if (entry.expiresAt <= now) {
      if (!entry.hasOwnTtl && entry.mark === null) {
        complete = false;
        loss = {};
      }
      continue;
    }
    bytesLeft -= entry.bytes;
    if (entries.length >= maxEntries || (entries.length > 0 && bytesLeft < 0)) {
      const start = complete ? after : sequencer.positionOf(entry.sequence - 1);
      return { entries, next: endOf(entries, sequencer) ?? start, more: true, complete, ...loss };
    }
    entries.push(entry);
  }
  const next = endOf(entries, sequencer) ?? (complete ? after : head);
  return { entries, next, more: false, complete, ...loss };
}

function endOf(entries: readonly EntryMeta[], sequencer: Sequencer): Position | undefined {
  const last = entries.at(-1);
  return last === undefined ? undefined : sequencer.positionOf(last.sequence);
}
