/** The memory journal: keeps entries until the process ends, and costs next to nothing. */

import { createEntry, isRetained } from "./entry.ts";
import { parseAcceptedAt } from "./entry_text.ts";
import type { Draft, Entry, Feed, Journal, Page, PageLimit, Receipt, Retention } from "./journal.ts";
import type { JournalStats } from "./journal_stats.ts";
import type { InboxPage, MarkReceipt, ReadChange } from "./read.ts";
import { readInbox } from "./index/inbox.ts";
import { markIn } from "./index/marking.ts";
import { readPage } from "./index/paging.ts";
import type { ReadState } from "./index/read_state.ts";
import { createMark, markedReceipt } from "./mark.ts";
import { newEpoch, type Position } from "../wire/position.ts";
import { ByteBudget } from "./index/byte_budget.ts";
import { costOfEntry } from "./index/costs.ts";
import { IdempotencyIndex } from "./index/idempotency_index.ts";
import type { EntryMeta } from "./index/target_log.ts";
import { FOLLOWED, RetentionIndex } from "./index/retention_index.ts";
import { Sequencer } from "./index/sequencer.ts";

/** Each append removes more than it adds, and no request waits until everything expired is gone. */
const EXPIRED_PER_DRAFT = 2;
const SWEEP_MS = 100;
const MAX_SWEPT = 512;

/**
 * Suits development, tests, and services that want its speed and can lose what a restart loses.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const offered: string[] = [];
 * const feed = { offer: ({ text }: { text: string }) => offered.push(text) > 0, gap: () => {} };
 * const journal = new MemoryJournal(feed, { seconds: 3600, perTarget: 1000, bytes: 1024 * 1024 });
 * const draft = { data: '"Hello"', ttl: null, topic: null, urgency: null, push: null, digest: null };
 *
 * const { next: head } = await journal.read("alexander", null, { entries: 0, bytes: 0 });
 * await journal.append([{ ...draft, id: "1", target: "alexander" }, { ...draft, id: "2", target: "burr" }]);
 * const page = await journal.read("alexander", head, { entries: 100, bytes: 65_536 });
 * assertEquals([page.entries.length, page.more, page.complete], [1, false, true]);
 * assertEquals(offered, []); // nobody follows alexander
 * ```
 */
export class MemoryJournal implements Journal {
  readonly #feed: Feed;
  readonly #retention: Retention;
  readonly #now: () => number;
  readonly #sequencer = new Sequencer(newEpoch());
  readonly #index: RetentionIndex<Entry & EntryMeta>;
  readonly #ids: IdempotencyIndex;
  readonly #budget: ByteBudget;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Opens a journal that removes what has expired also while nothing is appended, until it is closed. */
  static open(feed: Feed, retention: Retention, now: () => number = Date.now): MemoryJournal {
    const journal = new MemoryJournal(feed, retention, now);
    journal.#timer = setInterval(() => journal.#expire(MAX_SWEPT), SWEEP_MS);
    return journal;
  }

  /** @param now milliseconds since 1970 */
  constructor(feed: Feed, retention: Retention, now: () => number = Date.now) {
    this.#feed = feed;
    this.#retention = retention;
    this.#now = now;
    const budget = this.#budget = new ByteBudget(retention.bytes);
    this.#index = new RetentionIndex(retention, { budget, costOf: costOfEntry });
    this.#ids = new IdempotencyIndex(retention, { budget });
  }

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const now = this.#expire(EXPIRED_PER_DRAFT * drafts.length);
    return Promise.resolve(drafts.map((draft) => this.#accept(draft, now)));
  }

  follow(target: string): Promise<void> {
    this.#index.follow(target);
    return FOLLOWED;
  }

  unfollow(target: string): void {
    this.#index.unfollow(target);
  }

  read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    const { entries, bytes } = limit;
    const query = { target, after, entries, bytes, now: this.#now() };
    return Promise.resolve(readPage({ index: this.#index, sequencer: this.#sequencer }, query));
  }

  mark(target: string, change: ReadChange): Promise<MarkReceipt> {
    return Promise.resolve(this.#merge(target, change));
  }

  inbox(target: string, before: Position | null, limit: PageLimit): Promise<InboxPage> {
    const { entries, bytes } = limit;
    const query = { target, before, entries, bytes, now: this.#now() };
    return Promise.resolve(readInbox({ index: this.#index, sequencer: this.#sequencer }, query));
  }

  /** The erasure has a number of its own, so that everyone who has read less learns of it. */
  forget(target: string): Promise<void> {
    const sequence = this.#sequencer.next();
    this.#sequencer.advanceTo(sequence);
    this.#index.erase(target, sequence);
    this.#ids.erase(target);
    return Promise.resolve();
  }

  stats(): JournalStats {
    const { size: entries, oldest, evicted } = this.#index;
    const oldestAt = oldest === undefined ? null : parseAcceptedAt(oldest.text);
    return { entries, bytes: this.#budget.spent, oldestAt, evicted };
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }

  /** Removes at most `max` entries and ids that have expired. Returns the time by which they have. */
  #expire(max: number): number {
    const now = this.#now();
    this.#ids.expire(now, max);
    this.#index.expire(now, max);
    return now;
  }

  #accept(draft: Draft, now: number): Receipt {
    const earlier = this.#ids.find(draft, now);
    if (earlier === undefined) return this.#keep(draft, now);
    if (earlier === "conflict") return { outcome: earlier };
    const { sequence, expiresAt } = earlier;
    return { outcome: "repeated", position: this.#sequencer.positionOf(sequence), expiresAt };
  }

  #keep(draft: Draft, now: number): Receipt {
    const sequence = this.#sequencer.next();
    this.#sequencer.advanceTo(sequence);
    const position = this.#sequencer.positionOf(sequence);
    const { seconds: retentionSeconds } = this.#retention;
    const entry = createEntry(draft, { sequence, position, acceptedAt: now, retentionSeconds });
    if (isRetained(draft)) this.#index.add(entry, now);
    if (this.#index.isFollowed(entry.target)) this.#feed.offer(entry);
    const { expiresAt } = entry;
    this.#ids.remember(draft, { sequence, expiresAt, now });
    return { outcome: "kept", position, expiresAt };
  }

  #merge(target: string, change: ReadChange): MarkReceipt {
    if (this.#retention.seconds === 0) return { outcome: "nothing is kept" };
    const now = this.#expire(EXPIRED_PER_DRAFT);
    const marked = markIn({ index: this.#index, sequencer: this.#sequencer }, { target, change, now });
    if (typeof marked === "string") return { outcome: marked };
    this.#keepMark(target, marked.state, now);
    return markedReceipt(marked.newlyRead.flatMap(({ id, hasPush }) => id === null ? [] : { id, hasPush }));
  }

  #keepMark(target: string, state: ReadState, markedAt: number): void {
    const sequence = this.#sequencer.next();
    this.#sequencer.advanceTo(sequence);
    const positionOf = (sequence: number) => this.#sequencer.positionOf(sequence);
    const { seconds: retentionSeconds } = this.#retention;
    const mark = createMark(state, { target, sequence, markedAt, retentionSeconds, positionOf });
    this.#index.add(mark, markedAt);
    if (this.#index.isFollowed(target)) this.#feed.offer(mark);
  }
}
