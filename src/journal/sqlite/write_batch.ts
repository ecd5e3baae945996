/** WriteBatch: collects what one transaction of the SQLite journal adds. */

import { createEntry, isRetained } from "../entry.ts";
import type { Draft, Entry, Receipt } from "../journal.ts";
import type { ReadChange } from "../read.ts";
import { createMark } from "../mark.ts";
import type { IdempotencyIndex } from "../index/idempotency_index.ts";
import { markIn } from "../index/marking.ts";
import type { ReadState } from "../index/read_state.ts";
import type { RetentionIndex } from "../index/retention_index.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { Evictions } from "./evictions.ts";
import { encodeStoredMark, type MarkRow } from "./stored_mark.ts";
import type { SentId } from "./tables.ts";
import type { Sequencer } from "../index/sequencer.ts";

export interface WriteBatchDeps {
  readonly sequencer: Sequencer;
  readonly index: RetentionIndex<EntryMeta>;
  readonly ids: IdempotencyIndex;
  readonly evictions: Pick<Evictions, "beginErasure">;
  readonly retentionSeconds: number;
  /** Until when entries of earlier runs are kept, in milliseconds since 1970. */
  readonly keptUntil: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The result of a change; if it makes a mark, where `newlyRead` of the batch has what was unread before. */
export type BatchMark =
  | { readonly outcome: "marked"; readonly from: number; readonly to: number }
  | { readonly outcome: "unchanged" | "too many exceptions" };

export class WriteBatch {
  /** All new entries, including those that only live connections receive. */
  readonly entries: Entry[] = [];
  /** The notifications to write to the file. */
  readonly retained: EntryMeta[] = [];
  /** The texts of `retained`, in the same order. */
  readonly texts: string[] = [];
  /** The marks for the index, and for the file, where they are more compact. */
  readonly marks: EntryMeta[] = [];
  readonly markRows: MarkRow[] = [];
  readonly sentIds: SentId[] = [];
  /** The sequence numbers of the notifications that the marks of the batch mark as read. */
  readonly newlyRead: number[] = [];
  /** The targets to erase, up to their sequence numbers. */
  readonly erased: { readonly target: string; readonly sequence: number }[] = [];
  readonly #deps: WriteBatchDeps;
  #head: number;
  /** What targets have read by the marks of this batch, which are not in the index yet. */
  readonly #states = new Map<string, ReadState>();

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

  /**
   * Adds a mark, unless the change changes nothing. It merges with the earlier marks of this batch. It cannot name the
   * entries of this batch, because nobody has their positions before they are written.
   */
  mark(target: string, change: ReadChange): BatchMark {
    const { index, sequencer, now } = this.#deps;
    const marked = markIn({ index, sequencer }, { target, change, now, pending: this.#states.get(target) });
    if (typeof marked === "string") return { outcome: marked };
    this.#states.set(target, marked.state);
    this.#addMark(target, marked.state);
    const from = this.newlyRead.length;
    for (const { sequence } of marked.newlyRead) this.newlyRead.push(sequence);
    return { outcome: "marked", from, to: this.newlyRead.length };
  }

  /** Erases everything that the target has so far. The erasure has a number, so that readers learn of it. */
  erase(target: string): void {
    const sequence = this.#head = this.#deps.sequencer.next();
    this.erased.push({ target, sequence });
    this.#deps.evictions.beginErasure(target, sequence);
  }

  /** Called if the batch could not be written: its ids can then be used again. */
  revoke(): void {
    for (const sentId of this.sentIds) this.#deps.ids.revoke(sentId);
  }

  #addMark(target: string, state: ReadState): void {
    const { sequencer, retentionSeconds, keptUntil, now: markedAt } = this.#deps;
    const sequence = this.#head = sequencer.next();
    const positionOf = (sequence: number) => sequencer.positionOf(sequence);
    const options = { target, sequence, markedAt, retentionSeconds, keptUntil, positionOf };
    const entry = createMark(state, options);
    const { expiresAt, hasOwnTtl, bytes, mark } = entry;
    this.entries.push(entry);
    this.marks.push({ sequence, target, topic: null, expiresAt, hasOwnTtl, bytes, mark });
    this.markRows.push({ sequence, target, expiresAt, bytes, text: encodeStoredMark(mark) });
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
