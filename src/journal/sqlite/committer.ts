/** Committer: writes what is waiting in one transaction, and then adds it to the index and offers it to the feed. */

import type { IdempotencyIndex } from "../index/idempotency_index.ts";
import type { RetentionIndex } from "../index/retention_index.ts";
import type { Sequencer } from "../index/sequencer.ts";
import type { EntryMeta } from "../index/target_log.ts";
import { type Feed, UnavailableError } from "../journal.ts";
import type { Evictions } from "./evictions.ts";
import type { FileWriter } from "./file_writer.ts";
import type { NewlyRead, PendingWrite } from "./pending_write.ts";
import { WriteBatch } from "./write_batch.ts";

export interface CommitterDeps {
  readonly writer: FileWriter;
  readonly sequencer: Sequencer;
  readonly index: RetentionIndex<EntryMeta>;
  readonly ids: IdempotencyIndex;
  readonly evictions: Evictions;
  readonly feed: Feed;
  readonly retentionSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const SWEPT_PER_ENTRY = 2; // each transaction removes more than it adds

export class Committer {
  readonly #deps: CommitterDeps;
  /** Until when the entries of earlier runs are kept, in milliseconds since 1970. */
  keptUntil = -Infinity;

  constructor(deps: CommitterDeps) {
    this.#deps = deps;
  }

  /** Writes everything or nothing. Resolves with what was marked as read, or with the reason of the failure. */
  async commit(writes: readonly PendingWrite[]): Promise<{ result: NewlyRead } | UnavailableError> {
    const { writer } = this.#deps;
    const batch = this.#newBatch(writes.reduce((sum, { size }) => sum + size, 0));
    try {
      await writer.ready();
      for (const write of writes) write.addTo(batch);
      const result = await writer.write(batch);
      this.#keep(batch);
      return { result };
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      batch.revoke();
      return error;
    }
  }

  #newBatch(size: number): WriteBatch {
    const { sequencer, index, ids, evictions, retentionSeconds } = this.#deps;
    const { keptUntil } = this, now = this.#deps.now();
    index.expire(now, SWEPT_PER_ENTRY * size);
    ids.expire(now, SWEPT_PER_ENTRY * size);
    return new WriteBatch({ sequencer, index, ids, evictions, retentionSeconds, keptUntil, now });
  }

  /** The head moves with the index, so that no reader takes it for read what the index does not have yet. */
  #keep({ head, retained, marks, entries, erased, now }: WriteBatch): void {
    const { sequencer, index, ids, evictions, feed } = this.#deps;
    sequencer.advanceTo(head);
    let nextMark = 0;
    for (const entry of retained) {
      for (
        let mark = marks[nextMark];
        mark !== undefined && mark.sequence < entry.sequence;
        mark = marks[++nextMark]
      ) {
        index.add(mark, now);
      }
      index.add(entry, now);
    }
    for (const mark of marks.slice(nextMark)) index.add(mark, now);
    for (const { target, sequence } of erased) {
      index.erase(target, sequence);
      for (const id of ids.erase(target)) evictions.changeId(id);
    }
    for (const entry of entries) if (index.isFollowed(entry.target)) feed.offer(entry);
  }
}
