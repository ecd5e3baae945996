/** FileReader: reads the pages on which the index decides, with their texts from the journal's file. */

import { type InboxQuery, readInbox } from "../index/inbox.ts";
import { type PageQuery, readPage } from "../index/paging.ts";
import type { RetentionIndex } from "../index/retention_index.ts";
import type { Sequencer } from "../index/sequencer.ts";
import type { EntryMeta } from "../index/target_log.ts";
import { type Entry, type Page, UnavailableError } from "../journal.ts";
import type { InboxPage } from "../read.ts";
import { sequencesOfTexts, withTexts } from "./page_texts.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";

export interface FileReaderDeps {
  readonly file: Pick<SqliteWorkerClient, "texts">;
  readonly index: RetentionIndex<EntryMeta>;
  readonly sequencer: Sequencer;
  /** Throws {@linkcode UnavailableError} if nothing of the file counts any more. */
  readonly requireFile: () => void;
  /** Called with the number of rows that turned out to be damaged. */
  readonly onDamage: (rows: number) => void;
}

export class FileReader {
  readonly #deps: FileReaderDeps;

  constructor(deps: FileReaderDeps) {
    this.#deps = deps;
  }

  /**
   * Reads a page as `Journal.read` describes it. A page without its damaged entries is incomplete, and `next` is after
   * them: they hold up no reader.
   */
  async read(query: PageQuery): Promise<Page> {
    const page = readPage(this.#deps, query);
    const { entries, damaged } = await this.#complete(page.entries);
    if (damaged === 0) return { ...page, entries };
    return { entries, next: page.next, more: page.more, complete: false };
  }

  /**
   * Reads a page as `Journal.inbox` describes it. If entries of it are damaged, it begins anew without them, so that
   * all numbers fit together.
   */
  async inbox(query: InboxQuery): Promise<InboxPage> {
    const page = readInbox(this.#deps, query);
    const { entries, damaged } = await this.#complete(page.entries);
    return damaged === 0 ? { ...page, entries } : this.inbox(query);
  }

  /** Returns the entries with their texts, and the number of those that are damaged and lost. */
  async #complete(metas: readonly EntryMeta[]): Promise<{ entries: readonly Entry[]; damaged: number }> {
    const { file, index, sequencer, requireFile, onDamage } = this.#deps;
    requireFile();
    if (metas.length === 0) return { entries: [], damaged: 0 };
    const sequences = sequencesOfTexts(metas);
    const bytes = metas.reduce((sum, meta) => sum + meta.bytes, 0);
    const texts = sequences.length === 0
      ? []
      : await file.texts(sequences, { bytes }).catch(throwUnavailable);
    requireFile();
    const { entries, damaged } = withTexts(metas, { texts, sequencer });
    for (const entry of damaged) index.lose(entry);
    if (damaged.length > 0) onDamage(damaged.length);
    return { entries, damaged: damaged.length };
  }
}

function throwUnavailable(cause: unknown): never {
  throw new UnavailableError("the journal's file cannot be read", { cause });
}
