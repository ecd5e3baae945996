/** Loads the indexes of the SQLite journal from its file, when the file is opened. */

import { isErasedName } from "../index/erasures.ts";
import type { IdempotencyIndex } from "../index/idempotency_index.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { RetentionIndex } from "../index/retention_index.ts";
import type { Sequencer } from "../index/sequencer.ts";
import type { Evictions } from "./evictions.ts";
import type { OpenedFile } from "./file_report.ts";
import type { RowPage } from "./rows.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";

const PAGE_ROWS = 10_000;

export interface LoadDeps {
  readonly opened: OpenedFile;
  readonly sequencer: Sequencer;
  readonly index: RetentionIndex<EntryMeta>;
  readonly ids: IdempotencyIndex;
  readonly evictions: Evictions;
  readonly now: number;
}

/** What turned out while the indexes were filled. */
export interface LoadResult {
  /** The number of damaged rows. */
  readonly damaged: number;
  /** Until when any of the entries is kept, in milliseconds since 1970: an earlier retention may have been longer. */
  readonly keptUntil: number;
}

/**
 * Fills the empty indexes. They evict whatever exceeds the retention, which may be smaller than in the last run.
 * Damaged rows are deleted: any target may have lost the entry, because the row's target may be wrong as well.
 *
 * Where a mark is lost, its target has read nothing again. Tabs that were sent the mark believe otherwise, so everyone
 * who has read up to the head counts as having missed something too, and loads the new state.
 */
export async function loadIndexes(
  file: Pick<SqliteWorkerClient, "entriesAfter" | "sentIdsAfter">,
  { opened, sequencer, index, ids, evictions, now }: LoadDeps,
): Promise<LoadResult> {
  let damaged = 0, keptUntil = -Infinity;
  index.markLost(null, opened.completeAfter);
  for await (const page of allPages((last) => file.entriesAfter(last, PAGE_ROWS))) {
    for (const entry of page.rows) {
      index.add(entry, now);
      keptUntil = Math.max(keptUntil, entry.expiresAt);
    }
    for (const { sequence, mayBeMark } of page.damaged) {
      const beforeRun = opened.start - 1;
      const completeAfter = mayBeMark ? beforeRun : sequence;
      if (mayBeMark) sequencer.advanceTo(beforeRun); // so that no tab is sent `missed` twice
      index.markLost(null, completeAfter);
      evictions.discard(sequence, completeAfter);
    }
    damaged += page.damaged.length;
  }
  for (const { target, sequence } of opened.losses) {
    if (target !== null && isErasedName(target)) index.restoreErasure(target, sequence);
    else index.markLost(target, sequence);
  }
  for await (const page of allPages((last) => file.sentIdsAfter(last, PAGE_ROWS))) {
    for (const sentId of page.rows) {
      if (sentId.target !== null && isErasedName(sentId.target)) ids.noteErased();
      ids.remember(sentId, { ...sentId, now: sentId.sentAt });
    }
    for (const { sequence } of page.damaged) evictions.forgetId(sequence);
    damaged += page.damaged.length;
  }
  return { damaged, keptUntil };
}

/** Yields all rows of a table, page by page. */
export async function* allPages<R>(
  pageAfter: (sequence: number) => Promise<RowPage<R>>,
): AsyncGenerator<RowPage<R>, void> {
  for (let last: number | null = 0; last !== null;) {
    const page: RowPage<R> = await pageAfter(last);
    yield page;
    last = page.last;
  }
}

/** Yields the sound rows of a table, page by page, and removes the damaged ones. */
export async function* loadSound<R>(
  pageAfter: (sequence: number) => Promise<RowPage<R>>,
  { onDamage, remove }: {
    /** Called with the number of rows that turned out to be damaged. */
    onDamage: (rows: number) => void;
    remove: (sequences: readonly number[]) => Promise<void>;
  },
): AsyncGenerator<readonly R[], void> {
  for await (const { rows, damaged } of allPages(pageAfter)) {
    if (damaged.length > 0) {
      onDamage(damaged.length);
      await remove(damaged.map(({ sequence }) => sequence)).catch(() => {}); // the next start finds them again
    }
    yield rows;
  }
}
