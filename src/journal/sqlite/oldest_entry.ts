/** OldestEntry: when the oldest entry of a SQLite journal was accepted, which only its text in the file says. */

import { parseAcceptedAt } from "../entry_text.ts";
import type { RetentionIndex } from "../index/retention_index.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";

export interface OldestEntryDeps {
  readonly file: Pick<SqliteWorkerClient, "texts">;
  readonly index: Pick<RetentionIndex<EntryMeta>, "oldest">;
}

/** The time in the index would be 8 bytes for each entry. Its expiry does not help: an earlier retention may differ. */
export class OldestEntry {
  readonly #deps: OldestEntryDeps;
  #sequence: number | undefined;
  #at: number | null = null;

  constructor(deps: OldestEntryDeps) {
    this.#deps = deps;
  }

  /** As of the latest `refresh`, in milliseconds since 1970; null if there is no entry, or if it cannot be read. */
  get at(): number | null {
    return this.#deps.index.oldest === undefined ? null : this.#at;
  }

  /** Reads the time of the oldest entry, unless it is known. */
  async refresh(): Promise<void> {
    const { oldest } = this.#deps.index;
    if (oldest === undefined || oldest.sequence === this.#sequence) return;
    const at = oldest.mark?.markedAt ?? await this.#read(oldest);
    if (at === undefined) return;
    this.#at = at;
    this.#sequence = oldest.sequence;
  }

  /** Null if the entry is damaged. Undefined if the file cannot be read now: the next refresh tries again. */
  async #read({ sequence, bytes }: EntryMeta): Promise<number | null | undefined> {
    try {
      const [text = null] = await this.#deps.file.texts([sequence], { bytes });
      return text === null ? null : parseAcceptedAt(text);
    } catch {
      return undefined;
    }
  }
}
