/** Loads the indexes of the SQLite journal from its file, when the file is opened. */

import type { IdempotencyIndex } from "../index/idempotency_index.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { RetentionIndex } from "../index/retention_index.ts";
import type { Evictions } from "./evictions.ts";
import type { OpenedFile } from "./file.ts";
import type { RowPage } from "./tables.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";

const PAGE_ROWS = 10_000;

export interface LoadDeps {
  readonly opened: OpenedFile;
  readonly index: RetentionIndex<EntryMeta>;
  readonly ids: IdempotencyIndex;
  readonly evictions: Evictions;
  readonly now: number;
}

/**
 * Fills the empty indexes. They evict whatever exceeds the retention, which may be smaller than in the last run.
 * Damaged rows are deleted: any target may have lost the entry, because the row's target may be wrong as well.
 *
 * @returns the number of damaged rows
 */
export async function loadIndexes(
  file: Pick<SqliteWorkerClient, "entriesAfter" | "sentIdsAfter">,
  { opened, index, ids, evictions, now }: LoadDeps,
): Promise<number> {
  let damaged = 0;
  index.markLost(null, opened.completeAfter);
  for await (const page of allPages((last) => file.entriesAfter(last, PAGE_ROWS))) {
    for (const entry of page.rows) index.add(entry, now);
    for (const sequence of page.damaged) {
      index.markLost(null, sequence);
      evictions.discard(sequence);
    }
    damaged += page.damaged.length;
  }
  for (const { target, sequence } of opened.losses) index.markLost(target, sequence);
  for await (const page of allPages((last) => file.sentIdsAfter(last, PAGE_ROWS))) {
    for (const sentId of page.rows) ids.remember(sentId, { ...sentId, now: sentId.sentAt });
    for (const sequence of page.damaged) evictions.forgetId(sequence);
    damaged += page.damaged.length;
  }
  return damaged;
}

/** Yields all rows of a table, page by page. */
async function* allPages<R>(
  pageAfter: (sequence: number) => Promise<RowPage<R>>,
): AsyncGenerator<RowPage<R>, void> {
  for (let last: number | null = 0; last !== null;) {
    const page: RowPage<R> = await pageAfter(last);
    yield page;
    last = page.last;
  }
}
