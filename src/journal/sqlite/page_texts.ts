/** Page texts: completes a page of the index with the texts from the file, without entries that are damaged. */

import { parseEntryId } from "../entry.ts";
import type { PageOf } from "../index/paging.ts";
import type { Sequencer } from "../index/sequencer.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { Entry, Page } from "../journal.ts";

/**
 * A page without its damaged entries is incomplete, and `next` is after them: they hold up no reader.
 *
 * @param texts in the order of the page's entries; null for a damaged one
 */
export function withTexts(
  page: PageOf<EntryMeta>,
  { texts, sequencer }: { texts: readonly (string | null)[]; sequencer: Sequencer },
): { page: Page; damaged: readonly EntryMeta[] } {
  const entries: Entry[] = [], damaged: EntryMeta[] = [];
  for (const [index, meta] of page.entries.entries()) {
    const text = texts[index] ?? null;
    if (text === null) damaged.push(meta);
    else {
      const position = sequencer.positionOf(meta.sequence);
      entries.push({ ...meta, id: parseEntryId(text), position, text });
    }
  }
  return { page: { ...page, entries, complete: page.complete && damaged.length === 0 }, damaged };
}
