/** A memory journal whose every entry is recorded in the ledger, which is what the promises are compared with. */

import type { Draft, Journal, Page, PageLimit, Receipt } from "../../../src/journal/journal.ts";
import type { JournalStats } from "../../../src/journal/journal_stats.ts";
import type { MemoryJournal } from "../../../src/journal/memory.ts";
import type { InboxPage, MarkReceipt, ReadChange } from "../../../src/journal/read.ts";
import type { Position } from "../../../src/wire/position.ts";
import type { World } from "../runtime/world.ts";

export class RecordedJournal implements Journal {
  /** The targets that are followed. */
  readonly followed = new Set<string>();
  readonly #journal: MemoryJournal;
  readonly #world: World;

  constructor(journal: MemoryJournal, world: World) {
    this.#journal = journal;
    this.#world = world;
  }

  async append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const receipts = await this.#journal.append(drafts);
    for (const [index, receipt] of receipts.entries()) {
      const draft = drafts[index];
      if (receipt.outcome === "kept" && draft !== undefined) this.#record(draft, receipt.position);
    }
    return receipts;
  }

  follow(target: string): Promise<void> {
    this.followed.add(target);
    return this.#journal.follow(target);
  }

  unfollow(target: string): void {
    this.followed.delete(target);
    this.#journal.unfollow(target);
  }

  read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    return this.#journal.read(target, after, limit);
  }

  /** The head right after a mark is the position of the mark. */
  async mark(target: string, change: ReadChange): Promise<MarkReceipt> {
    const { now, setting: { retention }, ledger } = this.#world;
    const marking = this.#journal.mark(target, change);
    const { position } = await this.#journal.inbox(target, null, { entries: 0, bytes: 0 });
    const receipt = await marking;
    if (receipt.outcome !== "marked") return receipt;
    ledger.mark(target, change);
    const expiresAt = now + 1_000 * retention.seconds;
    const mark = { draft: null, hasOwnTtl: false, isReplaced: false };
    ledger.add({ ...mark, position, target, acceptedAt: now, expiresAt });
    return receipt;
  }

  inbox(target: string, before: Position | null, limit: PageLimit): Promise<InboxPage> {
    return this.#journal.inbox(target, before, limit);
  }

  forget(target: string): Promise<void> {
    return this.#journal.forget(target);
  }

  stats(): JournalStats {
    return this.#journal.stats();
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  #record(draft: Draft, position: Position): void {
    const { now, setting: { retention: { seconds } }, ledger } = this.#world;
    const hasOwnTtl = draft.ttl !== null && (draft.ttl === 0 || draft.ttl < seconds);
    const expiresAt = now + 1_000 * (hasOwnTtl ? draft.ttl : seconds);
    const { target } = draft, isReplaced = false;
    ledger.add({ position, target, draft, acceptedAt: now, expiresAt, hasOwnTtl, isReplaced });
  }
}
