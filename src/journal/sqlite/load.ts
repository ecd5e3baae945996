/** Loads the indexes of the SQLite journal from its file, when the file is opened. */

import type { IdempotencyIndex } from "../index/idempotency_index.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { RetentionIndex } from "../index/retention_index.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";
import type { OpenedFile } from "./startup.ts";

const PAGE_ROWS = 10_000;

/** Fills the empty indexes. They evict whatever exceeds the retention, which may be smaller than in the last run. */
export async function loadIndexes(
  file: Pick<SqliteWorkerClient, "entriesAfter" | "sentIdsAfter">,
  { opened, index, ids, now }: {
    opened: OpenedFile;
    index: RetentionIndex<EntryMeta>;
    ids: IdempotencyIndex;
    now: number;
  },
): Promise<void> {
  index.markLost(null, opened.completeAfter);
  for await (const entry of allRows((last) => file.entriesAfter(last, PAGE_ROWS))) index.add(entry, now);
  for (const { target, sequence } of opened.losses) index.markLost(target, sequence);
  for await (const sentId of allRows((last) => file.sentIdsAfter(last, PAGE_ROWS))) {
    ids.remember(sentId, { ...sentId, now: sentId.sentAt });
  }
}

/** Yields all rows of a table, which it reads page by page. */
async function* allRows<Row extends { readonly sequence: number }>(
  pageAfter: (sequence: number) => Promise<readonly Row[]>,
): AsyncGenerator<Row, void> {
  for (let page = await pageAfter(0); page.length > 0; page = await pageAfter(page.at(-1)?.sequence ?? 0)) {
    yield* page;
  }
}
