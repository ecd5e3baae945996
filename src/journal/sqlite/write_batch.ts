/** WriteBatch: collects what one transaction of the SQLite journal adds. */

import { createEntry, isRetained } from "../entry.ts";
import type { Draft, Entry, Receipt } from "../journal.ts";
import type { IdempotencyIndex } from "../index/idempotency_index.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { SentId } from "./tables.ts";
import type { Sequencer } from "../index/sequencer.ts";

export interface WriteBatchDeps {
  readonly sequencer: Sequencer;
  readonly ids: IdempotencyIndex;
  readonly retentionSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export class WriteBatch {
  /** All new entries, including those that only live connections receive. */
  readonly entries: Entry[] = [];
  /** The entries to write to the file. */
  readonly retained: EntryMeta[] = [];
  /** The texts of `retained`, in the same order. */
  readonly texts: string[] = [];
  readonly sentIds: SentId[] = [];
  readonly #deps: WriteBatchDeps;
  #head: number;

  constructor(deps: WriteBatchDeps) {
    this.#deps = deps;
    this.#head = deps.sequencer.head;
  }

  /** The sequence number of the newest entry once the batch is written. */
  get head(): number {
    return this.#head;
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return this.#deps.now;
  }

  /** Adds a draft unless it is a repeat or in conflict. The receipt is valid once the batch is written. */
  add(draft: Draft): Receipt {
    const { ids, sequencer, now } = this.#deps;
    const earlier = ids.find(draft, now);
    if (earlier === undefined) return this.#addNew(draft);
    if (earlier === "conflict") return { outcome: earlier };
    const { sequence, expiresAt } = earlier;
    return { outcome: "repeated", position: sequencer.positionOf(sequence), expiresAt };
  }

  /** Called if the batch could not be written: its ids can then be used again. */
  revoke(): void {
    for (const sentId of this.sentIds) this.#deps.ids.revoke(sentId);
  }

  #addNew(draft: Draft): Receipt {
    const { sequencer, ids, retentionSeconds, now } = this.#deps;
    const sequence = this.#head = sequencer.next();
    const position = sequencer.positionOf(sequence);
    const entry = createEntry(draft, { sequence, position, acceptedAt: now, retentionSeconds });
    const { target, topic, expiresAt, hasOwnTtl, bytes, text } = entry;
    this.entries.push(entry);
    if (isRetained(draft)) {
      this.retained.push({ sequence, target, topic, expiresAt, hasOwnTtl, bytes, mark: null });
      this.texts.push(text);
    }
    if (draft.digest !== null) {
      this.sentIds.push({ sequence, id: draft.id, target, digest: draft.digest, sentAt: now, expiresAt });
      ids.remember(draft, { sequence, expiresAt, now }); // before the write, for repeats within this batch
    }
    return { outcome: "kept", position, expiresAt };
  }
}
