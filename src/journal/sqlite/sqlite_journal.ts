/** The SQLite journal: what it keeps is in a file, and survives a restart. */

import { WriteBatch } from "./write_batch.ts";
import { Evictions } from "./evictions.ts";
import { parseEntryId } from "../entry.ts";
import type { Draft, Entry, Feed, Journal, Page, PageLimit, Receipt, Retention } from "../journal.ts";
import { UnavailableError } from "../journal.ts";
import { pageOf } from "../index/paging.ts";
import type { Position } from "../../wire/position.ts";
import { IdempotencyIndex } from "../index/idempotency_index.ts";
import type { EntryMeta } from "../index/target_log.ts";
import { FOLLOWED, RetentionIndex } from "../index/retention_index.ts";
import type { Synchronous } from "./file.ts";
import { load } from "./load.ts";
import { SqliteWorkerClient } from "./worker_client.ts";
import type { OpenedFile } from "./startup.ts";
import { Sequencer } from "../index/sequencer.ts";
import { GroupCommit } from "./group_commit.ts";

/** How the journal is to keep what it is given. */
export interface SqliteOptions {
  readonly retention: Retention;
  readonly synchronous: Synchronous;
  /** Told if the file is lost for good; all requests are then refused. */
  readonly failed: (error: Error) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const SWEEP_MS = 100;
const SWEPT = 512; // entries a sweep, which takes the loop half a millisecond and the worker 2
const SWEPT_PER_DRAFT = 2; // more go than come

/**
 * The file is a log, and the index of it is in memory: about 200 bytes an entry, read from the file at the start
 * (a million entries in 3 s). With an index by target in the file, a row costs 10 to 20 µs instead of 2 to 3.
 *
 * The file is in a worker. On the loop's own thread, batches of 1,000 hold the loop up for 2 to 4 ms each, two thirds
 * of the time, on a disk that flushes in 0.25 ms; from the worker a tenth of the time, which is for encoding. That
 * costs 10 to 20 % of the rows a second, and with one notification a request nothing that could be measured.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/journal.db`;
 * const feed = { offer: () => true, gap: () => {} };
 * const retention = { seconds: 3600, perTarget: 1000, bytes: 1024 * 1024 };
 * const options = { retention, synchronous: "full", failed: console.error } as const;
 * const draft = { data: '"Hello"', ttl: null, topic: null, urgency: null, digest: null };
 *
 * const journal = await SqliteJournal.open(path, feed, options);
 * const { next: start } = await journal.read("alexander", null, { entries: 0, bytes: 0 });
 * await journal.append([{ ...draft, id: "1", target: "alexander" }]);
 * await journal.close();
 *
 * const again = await SqliteJournal.open(path, feed, options);
 * const page = await again.read("alexander", start, { entries: 100, bytes: 65_536 });
 * assertEquals(page.entries.map(({ id }) => id), ["1"]);
 * await again.close();
 * ```
 */
export class SqliteJournal implements Journal {
  readonly #file: SqliteWorkerClient;
  readonly #feed: Feed;
  readonly #retention: Retention;
  readonly #now: () => number;
  readonly #timeline: Sequencer;
  readonly #departures: Evictions;
  readonly #rings: RetentionIndex<EntryMeta>;
  readonly #repeats: IdempotencyIndex;
  readonly #transactions = new GroupCommit((drafts) => this.#commit(drafts));
  #sweeper: ReturnType<typeof setInterval> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    file: SqliteWorkerClient,
    feed: Feed,
    run: OpenedFile,
    { retention, now = Date.now }: SqliteOptions,
  ) {
    this.#file = file;
    this.#feed = feed;
    this.#retention = retention;
    this.#now = now;
    this.#timeline = new Sequencer(run.epoch, run);
    const departures = this.#departures = new Evictions(run.completeAfter);
    this.#rings = new RetentionIndex(retention, (kept, why) => departures.depart(kept, why));
    this.#repeats = new IdempotencyIndex(retention, (sequence) => departures.forget(sequence));
  }

  /**
   * Opens the file, or makes it and its folder.
   *
   * @throws {CannotOpen} if it is in use, is something else, or may not be read and written
   */
  static async open(path: string, feed: Feed, options: SqliteOptions): Promise<SqliteJournal> {
    const { file, run } = await SqliteWorkerClient.open(path, options);
    const journal = new SqliteJournal(file, feed, run, options);
    await load(file, { run, rings: journal.#rings, repeats: journal.#repeats, now: journal.#now() });
    journal.#sweeper = setInterval(() => journal.#sweep(), SWEEP_MS);
    return journal;
  }

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    if (this.#closing !== undefined) return Promise.reject(new UnavailableError("the journal is closed"));
    return this.#transactions.append(drafts);
  }

  follow(target: string): Promise<void> {
    this.#rings.follow(target);
    return FOLLOWED;
  }

  unfollow(target: string): void {
    this.#rings.unfollow(target);
  }

  async read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    const reading = { target, after, ...limit, now: this.#now() };
    const page = pageOf({ rings: this.#rings, timeline: this.#timeline }, reading);
    if (page.entries.length === 0) return { ...page, entries: [] };
    if (this.#closing !== undefined) throw new UnavailableError("the journal is closed");
    const texts = await this.#file.texts(page.entries.map(({ sequence }) => sequence)).catch(unavailable);
    return { ...page, entries: page.entries.map((kept, index) => this.#entryOf(kept, texts[index])) };
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#transactions.done();
    await this.#file.close();
  }

  #entryOf(kept: EntryMeta, text = ""): Entry {
    return { ...kept, id: parseEntryId(text), position: this.#timeline.positionOf(kept.sequence), text };
  }

  #sweep(): void {
    const now = this.#now();
    this.#rings.expire(now, SWEPT);
    this.#repeats.expire(now, SWEPT);
    if (this.#departures.size > 0) this.#transactions.begin();
  }

  async #commit(drafts: readonly Draft[]): Promise<readonly Receipt[] | UnavailableError> {
    const now = this.#now();
    this.#rings.expire(now, SWEPT_PER_DRAFT * drafts.length);
    this.#repeats.expire(now, SWEPT_PER_DRAFT * drafts.length);
    const { seconds: retentionSeconds } = this.#retention;
    const batch = new WriteBatch({ timeline: this.#timeline, repeats: this.#repeats, retentionSeconds, now });
    const receipts = drafts.map((draft) => batch.receive(draft));
    try {
      await this.#write(batch);
    } catch (cause) {
      batch.revoke();
      return new UnavailableError("the journal's file cannot be written", { cause });
    }
    for (const kept of batch.kept) this.#rings.keep(kept, now);
    for (const entry of batch.entries) if (this.#rings.isFollowed(entry.target)) this.#feed.offer(entry);
    return receipts;
  }

  async #write({ head, entries, kept, texts, sentIds }: WriteBatch): Promise<void> {
    if (entries.length === 0 && this.#departures.size === 0) return; // nothing but repeats
    const leaving = this.#departures.first(SWEPT + SWEPT_PER_DRAFT * entries.length);
    await this.#file.write({ head, kept, texts, sentIds, ...leaving });
    this.#departures.written(leaving);
    this.#timeline.reach(head);
  }
}

function unavailable(cause: unknown): never {
  throw new UnavailableError("the journal's file cannot be read", { cause });
}
