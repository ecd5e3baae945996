/** The memory journal: forgets everything when the process ends, and costs next to nothing. */

import { entryOf, isToKeep } from "./entry.ts";
import type { Draft, Entry, Feed, Journal, Page, PageLimit, Receipt, Retention } from "./journal.ts";
import { pageOf } from "./index/paging.ts";
import { newEpoch, type Position } from "../wire/position.ts";
import { IdempotencyIndex } from "./index/idempotency_index.ts";
import type { EntryMeta } from "./index/target_log.ts";
import { FOLLOWED, RetentionIndex } from "./index/retention_index.ts";
import { Sequencer } from "./index/sequencer.ts";

const EXPIRED_PER_ENTRY = 2; // more go than come, and no request waits for all that became too old meanwhile

/**
 * For a trial, for tests, and for those who want the speed and can lose what a restart loses.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const offered: string[] = [];
 * const feed = { offer: ({ text }: { text: string }) => offered.push(text) > 0, gap: () => {} };
 * const journal = new MemoryJournal(feed, { seconds: 3600, perTarget: 1000, bytes: 1024 * 1024 });
 * const draft = { data: '"Hello"', ttl: null, topic: null, urgency: null, digest: null };
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
  readonly #timeline = new Sequencer(newEpoch());
  readonly #rings: RetentionIndex<Entry & EntryMeta>;
  readonly #repeats: IdempotencyIndex;

  /** @param now milliseconds since 1970 */
  constructor(feed: Feed, retention: Retention, now: () => number = Date.now) {
    this.#feed = feed;
    this.#retention = retention;
    this.#now = now;
    this.#rings = new RetentionIndex(retention);
    this.#repeats = new IdempotencyIndex(retention);
  }

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const now = this.#now();
    this.#repeats.expire(now, EXPIRED_PER_ENTRY * drafts.length);
    this.#rings.expire(now, EXPIRED_PER_ENTRY * drafts.length);
    return Promise.resolve(drafts.map((draft) => this.#receive(draft, now)));
  }

  follow(target: string): Promise<void> {
    this.#rings.follow(target);
    return FOLLOWED;
  }

  unfollow(target: string): void {
    this.#rings.unfollow(target);
  }

  read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    const { entries, bytes } = limit;
    const reading = { target, after, entries, bytes, now: this.#now() };
    return Promise.resolve(pageOf({ rings: this.#rings, timeline: this.#timeline }, reading));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #receive(draft: Draft, now: number): Receipt {
    const past = this.#repeats.find(draft, now);
    if (past === undefined) return this.#accept(draft, now);
    if (past === "conflict") return { outcome: past };
    return {
      outcome: "repeated",
      position: this.#timeline.positionOf(past.sequence),
      expiresAt: past.expiresAt,
    };
  }

  #accept(draft: Draft, now: number): Receipt {
    const sequence = this.#timeline.give();
    this.#timeline.reach(sequence);
    const position = this.#timeline.positionOf(sequence);
    const { seconds: retentionSeconds } = this.#retention;
    const entry = entryOf(draft, { sequence, position, acceptedAt: now, retentionSeconds });
    if (isToKeep(draft)) this.#rings.keep(entry, now);
    if (this.#rings.isFollowed(entry.target)) this.#feed.offer(entry);
    const { expiresAt } = entry;
    this.#repeats.remember(draft, { sequence, expiresAt, now });
    return { outcome: "kept", position, expiresAt };
  }
}
