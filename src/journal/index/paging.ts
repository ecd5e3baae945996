/** Paging: what a journal reads to a tab that is behind, of all that its rings keep. */

import type { Page, PageLimit } from "../journal.ts";
import type { Position } from "../../wire/position.ts";
import type { EntryMeta } from "./target_log.ts";
import type { RetentionIndex } from "./retention_index.ts";
import type { Sequencer } from "./sequencer.ts";

/** A page of what is kept, as the journal's port has it. */
export type PageOf<K> = Omit<Page, "entries"> & { readonly entries: readonly K[] };

/** The place to read from, and what may be read. */
export interface PageQuery extends PageLimit {
  readonly target: string;
  /** Null is the head. */
  readonly after: Position | null;
  readonly now: number;
}

/** As much of what comes after the place as the limit allows. What is over is passed over: it may not be gone yet. */
export function pageOf<K extends EntryMeta>(
  { rings, timeline }: { rings: RetentionIndex<K>; timeline: Sequencer },
  { target, after, entries: max, bytes, now }: PageQuery,
): PageOf<K> {
  const head = timeline.positionOf(timeline.head);
  if (after === null) return { entries: [], next: head, more: false, complete: true };
  const from = timeline.sequenceOf(after);
  let complete = from !== undefined && from >= rings.completeAfter(target);
  const entries: K[] = [];
  let room = bytes;
  for (const kept of rings.after(target, from ?? 0)) {
    if (kept.expiresAt <= now) {
      complete &&= kept.hasOwnTtl;
      continue;
    }
    room -= kept.bytes;
    if (entries.length >= max || (entries.length > 0 && room < 0)) {
      const start = complete ? after : timeline.positionOf(kept.sequence - 1);
      return { entries, next: endOf(entries, timeline) ?? start, more: true, complete };
    }
    entries.push(kept);
  }
  return { entries, next: endOf(entries, timeline) ?? (complete ? after : head), more: false, complete };
}

function endOf(entries: readonly EntryMeta[], timeline: Sequencer): Position | undefined {
  const last = entries.at(-1);
  return last === undefined ? undefined : timeline.positionOf(last.sequence);
}
