/** A batch: what one transaction of the SQLite journal adds. */

import { entryOf, isToKeep } from "../entry.ts";
import type { Draft, Entry, Receipt } from "../journal.ts";
import type { IdempotencyIndex } from "../index/idempotency_index.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { SentId } from "./file.ts";
import type { Sequencer } from "../index/sequencer.ts";

/** What a batch is made with. */
export interface WriteBatchDeps {
  readonly timeline: Sequencer;
  readonly repeats: IdempotencyIndex;
  readonly retentionSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export class WriteBatch {
  /** All new ones, and those of them that the file is to keep, with their texts. */
  readonly entries: Entry[] = [];
  readonly kept: EntryMeta[] = [];
  readonly texts: string[] = [];
  readonly sentIds: SentId[] = [];
  readonly #deps: WriteBatchDeps;
  #head: number;

  constructor(deps: WriteBatchDeps) {
    this.#deps = deps;
    this.#head = deps.timeline.head;
  }

  /** The number of the newest entry when the batch is written. */
  get head(): number {
    return this.#head;
  }

  /** Takes a draft, unless it is a repeat or in conflict. The receipt is true when the batch is written. */
  receive(draft: Draft): Receipt {
    const { repeats, timeline, now } = this.#deps;
    const past = repeats.find(draft, now);
    if (past === undefined) return this.#add(draft);
    if (past === "conflict") return { outcome: past };
    return { outcome: "repeated", position: timeline.positionOf(past.sequence), expiresAt: past.expiresAt };
  }

  /** The batch could not be written. */
  revoke(): void {
    for (const sentId of this.sentIds) this.#deps.repeats.revoke(sentId);
  }

  #add(draft: Draft): Receipt {
    const { timeline, repeats, retentionSeconds, now } = this.#deps;
    const sequence = this.#head = timeline.give();
    const position = timeline.positionOf(sequence);
    const entry = entryOf(draft, { sequence, position, acceptedAt: now, retentionSeconds });
    const { target, topic, expiresAt, hasOwnTtl, bytes, text } = entry;
    this.entries.push(entry);
    if (isToKeep(draft)) {
      this.kept.push({ sequence, target, topic, expiresAt, hasOwnTtl, bytes });
      this.texts.push(text);
    }
    if (draft.digest !== null) {
      this.sentIds.push({ sequence, id: draft.id, target, digest: draft.digest, sentAt: now, expiresAt });
      repeats.remember(draft, { sequence, expiresAt, now }); // at once, for a repeat in this very batch
    }
    return { outcome: "kept", position, expiresAt };
  }
}
