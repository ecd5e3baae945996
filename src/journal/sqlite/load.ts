/** Loading: the rings and the repeats of the SQLite journal, as its file has them, when it is opened. */

import type { IdempotencyIndex } from "../index/idempotency_index.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { RetentionIndex } from "../index/retention_index.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";
import type { OpenedFile } from "./startup.ts";

const PAGE = 10_000; // rows

/** Fills what is empty. What the retention has no room for any more departs again. */
export async function load(
  file: Pick<SqliteWorkerClient, "entriesAfter" | "sentIdsAfter">,
  { run, rings, repeats, now }: {
    run: OpenedFile;
    rings: RetentionIndex<EntryMeta>;
    repeats: IdempotencyIndex;
    now: number;
  },
): Promise<void> {
  rings.lose(null, run.completeAfter);
  for await (const kept of all((last) => file.entriesAfter(last, PAGE))) rings.keep(kept, now);
  for (const { target, sequence } of run.losses) rings.lose(target, sequence);
  for await (const sentId of all((last) => file.sentIdsAfter(last, PAGE))) {
    repeats.remember(sentId, { ...sentId, now: sentId.sentAt });
  }
}

/** All rows of a table, page by page. */
async function* all<Row extends { readonly sequence: number }>(
  pageAfter: (sequence: number) => Promise<readonly Row[]>,
): AsyncGenerator<Row, void> {
  for (let page = await pageAfter(0); page.length > 0; page = await pageAfter(page.at(-1)?.sequence ?? 0)) {
    yield* page;
  }
}
