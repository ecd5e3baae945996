/** FileWriter: writes batches to the journal's file, and after a failure finds out when it can be written again. */

import { messageOf } from "./error_message.ts";
import { UnavailableError } from "../journal.ts";
import type { Sequencer } from "../index/sequencer.ts";
import type { Evictions } from "./evictions.ts";
import type { JournalHealth } from "./health.ts";
import type { NewlyRead } from "./pending_write.ts";
import type { WriteBatch } from "./write_batch.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";

export interface FileWriterDeps {
  readonly file: Pick<SqliteWorkerClient, "write" | "relieve">;
  readonly sequencer: Sequencer;
  readonly evictions: Evictions;
  readonly health: JournalHealth;
}

const MAX_EVICTIONS = 512; // per transaction, which occupy the event loop for half a millisecond and the worker for 2
const EVICTIONS_PER_ENTRY = 2; // each transaction deletes more than it inserts
const RELIEF_MS = 100;

export class FileWriter {
  readonly #deps: FileWriterDeps;
  #lastRelief = -Infinity;

  constructor(deps: FileWriterDeps) {
    this.#deps = deps;
  }

  /**
   * Writes a batch, which may be empty, and some evictions. Resolves with what the batch marks as read. Rejects with
   * {@linkcode UnavailableError}.
   */
  async write(batch: WriteBatch): Promise<NewlyRead> {
    const { head, entries, retained, texts, markRows, sentIds, newlyRead } = batch;
    const { file, evictions, health } = this.#deps;
    if (entries.length === 0 && evictions.size === 0) return []; // the batch had only repeats and conflicts
    const pending = evictions.oldest(MAX_EVICTIONS + EVICTIONS_PER_ENTRY * entries.length);
    try {
      const write = { head, entries: retained, texts, marks: markRows, sentIds, newlyRead, ...pending };
      const read = await file.write(write);
      evictions.confirm(pending);
      return read;
    } catch (cause) {
      health.setUnwritable(messageOf(cause));
      throw unwritable(cause);
    }
  }

  /**
   * Resolves if the file can be written as far as is known. After a failure, it writes evictions alone, also while
   * there is no room for entries, and rejects with {@linkcode UnavailableError} if that is all that can be written.
   */
  async ready(): Promise<void> {
    const { health } = this.#deps;
    if (health.state !== "ok" && !await this.#relieve()) throw unwritable(new Error(health.reason));
  }

  /** Returns whether entries can be written again. Tries rarely, because it may fill the disk to find out. */
  async #relieve(): Promise<boolean> {
    const { file, sequencer, evictions, health } = this.#deps;
    const now = performance.now();
    if (now < this.#lastRelief + RELIEF_MS) return false;
    this.#lastRelief = now;
    const pending = evictions.oldest(MAX_EVICTIONS);
    const nothing = { head: sequencer.head, entries: [], texts: [], marks: [], sentIds: [], newlyRead: [] };
    const { isWritten, unwritable } = await file.relieve({ ...nothing, ...pending });
    if (isWritten) evictions.confirm(pending);
    health.setUnwritable(unwritable);
    return unwritable === null;
  }
}

function unwritable(cause: unknown): UnavailableError {
  return new UnavailableError("the journal's file cannot be written", { cause });
}
