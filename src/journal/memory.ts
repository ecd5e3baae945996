/** The memory journal: forgets everything when the process ends, and costs next to nothing. */

import { entryOf } from "./entry.ts";
import type { Draft, Entry, Feed, Journal, Page, PageLimit, Receipt, Retention } from "./journal.ts";
import { newEpoch, type Position, positionBefore, positionOf } from "./position.ts";
import { Repeats } from "./repeats.ts";
import { Rings } from "./rings.ts";

const REPEAT_WINDOW_MS = 24 * 60 * 60 * 1000;
const BYTES_PER_REPEAT = 256; // an id, a digest and a receipt, roughly
const SHARE_OF_REPEATS = 1 / 8; // of the bytes, so that ids are bounded as the entries are

/**
 * For a trial, for tests, and for those who want the speed and can lose what a restart loses.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const offered: string[] = [];
 * const feed = { offer: ({ text }: { text: string }) => offered.push(text) > 0, torn: () => {} };
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
  readonly #epoch = newEpoch();
  readonly #rings: Rings;
  readonly #repeats: Repeats;
  #sequence = 0;

  /** @param now milliseconds since 1970 */
  constructor(feed: Feed, retention: Retention, now: () => number = Date.now) {
    this.#feed = feed;
    this.#retention = retention;
    this.#now = now;
    this.#rings = new Rings(retention, positionOf(this.#epoch, 0));
    this.#repeats = new Repeats({
      windowMs: Math.min(retention.seconds * 1000, REPEAT_WINDOW_MS),
      most: Math.ceil(retention.bytes * SHARE_OF_REPEATS / BYTES_PER_REPEAT),
    });
  }

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const now = this.#now();
    this.#repeats.expire(now);
    return Promise.resolve(drafts.map((draft) => this.#repeats.find(draft) ?? this.#accept(draft, now)));
  }

  follow(target: string): Promise<void> {
    this.#rings.follow(target);
    return Promise.resolve();
  }

  unfollow(target: string): void {
    this.#rings.unfollow(target);
  }

  read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    const head = positionOf(this.#epoch, this.#sequence);
    if (after === null) return Promise.resolve({ entries: [], next: head, more: false, complete: true });
    const now = this.#now();
    this.#rings.expire(now);
    const known = after.startsWith(this.#epoch) && after <= head;
    const complete = known && after >= this.#rings.lostThrough(target);
    const waiting = this.#rings.after(target, known ? after : positionOf(this.#epoch, 0));
    return Promise.resolve({
      ...pageOf(waiting, { ...limit, now, start: complete ? after : null, head }),
      complete,
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #accept(draft: Draft, now: number): Receipt {
    const position = positionOf(this.#epoch, ++this.#sequence);
    const entry = entryOf(draft, { position, acceptedAt: now, retentionSeconds: this.#retention.seconds });
    if (draft.ttl !== 0) this.#rings.keep(entry, now);
    if (this.#rings.isFollowed(entry.target)) this.#feed.offer(entry);
    const { expiresAt } = entry;
    if (draft.digest !== null) this.#repeats.remember(draft, { position, expiresAt, now });
    return { outcome: "kept", position, expiresAt };
  }
}

/** As much of what waits as the limit allows. `start: null` is just before the first that waits. */
function pageOf(
  waiting: Iterable<Entry>,
  { entries: most, bytes: mostBytes, now, start, head }:
    & PageLimit
    & { now: number; start: Position | null; head: Position },
): Omit<Page, "complete"> {
  const entries: Entry[] = [];
  let room = mostBytes;
  for (const entry of waiting) {
    if (entry.expiresAt <= now) continue;
    room -= entry.bytes;
    if (entries.length >= most || (entries.length > 0 && room < 0)) {
      return {
        entries,
        next: entries.at(-1)?.position ?? start ?? positionBefore(entry.position),
        more: true,
      };
    }
    entries.push(entry);
  }
  return { entries, next: entries.at(-1)?.position ?? start ?? head, more: false };
}
