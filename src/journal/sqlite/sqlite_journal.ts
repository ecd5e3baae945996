/** The SQLite journal: keeps entries in a file, where they survive a restart. */

import { WriteBatch } from "./write_batch.ts";
import { Evictions } from "./evictions.ts";
import { parseEntryId } from "../entry.ts";
import type { Draft, Entry, Feed, Journal, Page, PageLimit, Receipt, Retention } from "../journal.ts";
import { UnavailableError } from "../journal.ts";
import { readPage } from "../index/paging.ts";
import type { Position } from "../../wire/position.ts";
import { IdempotencyIndex } from "../index/idempotency_index.ts";
import type { EntryMeta } from "../index/target_log.ts";
import { FOLLOWED, RetentionIndex } from "../index/retention_index.ts";
import type { Synchronous } from "./file.ts";
import { loadIndexes } from "./load.ts";
import { SqliteWorkerClient } from "./worker_client.ts";
import type { OpenedFile } from "./startup.ts";
import { Sequencer } from "../index/sequencer.ts";
import { GroupCommit } from "./group_commit.ts";

export interface SqliteOptions {
  readonly retention: Retention;
  readonly synchronous: Synchronous;
  /** Called if the worker that owns the file ends by itself. The journal is of no use from then on. */
  readonly onFailure: (error: Error) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const SWEEP_MS = 100;
const MAX_SWEPT = 512; // evictions per sweep, which occupy the event loop for half a millisecond and the worker for 2
const SWEPT_PER_DRAFT = 2; // each append removes more than it adds

/**
 * The file is a log, and its index is in memory: about 200 bytes per entry, which are read from the file at startup (a
 * million entries in 3 s). With an index by target in the file, a row would cost 10 to 20 µs instead of 2 to 3.
 *
 * A worker owns the file. On the event loop's own thread, batches of 1,000 would hold up the loop for 2 to 4 ms each,
 * two thirds of the time, on a disk that flushes in 0.25 ms; with the worker it is a tenth of the time, for encoding.
 * The worker costs 10 to 20 % of the rows per second, and nothing measurable with one notification per request.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/journal.db`;
 * const feed = { offer: () => true, gap: () => {} };
 * const retention = { seconds: 3600, perTarget: 1000, bytes: 1024 * 1024 };
 * const options = { retention, synchronous: "full", onFailure: console.error } as const;
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
  readonly #sequencer: Sequencer;
  readonly #evictions: Evictions;
  readonly #index: RetentionIndex<EntryMeta>;
  readonly #ids: IdempotencyIndex;
  readonly #transactions = new GroupCommit((drafts) => this.#commit(drafts));
  #sweeper: ReturnType<typeof setInterval> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    file: SqliteWorkerClient,
    feed: Feed,
    opened: OpenedFile,
    { retention, now = Date.now }: SqliteOptions,
  ) {
    this.#file = file;
    this.#feed = feed;
    this.#retention = retention;
    this.#now = now;
    this.#sequencer = new Sequencer(opened.epoch, opened);
    const evictions = this.#evictions = new Evictions(opened.completeAfter);
    this.#index = new RetentionIndex(retention, (entry, reason) => evictions.evict(entry, reason));
    this.#ids = new IdempotencyIndex(retention, (sequence) => evictions.forgetId(sequence));
  }

  /**
   * Opens the file, and creates it and its folder if they do not exist.
   *
   * @throws {CannotOpenError} if it is in use, is not a journal, or cannot be read and written
   */
  static async open(path: string, feed: Feed, options: SqliteOptions): Promise<SqliteJournal> {
    const { file, opened } = await SqliteWorkerClient.open(path, options);
    const journal = new SqliteJournal(file, feed, opened, options);
    await loadIndexes(file, { opened, index: journal.#index, ids: journal.#ids, now: journal.#now() });
    journal.#sweeper = setInterval(() => journal.#sweep(), SWEEP_MS);
    return journal;
  }

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    if (this.#closing !== undefined) return Promise.reject(new UnavailableError("the journal is closed"));
    return this.#transactions.append(drafts);
  }

  follow(target: string): Promise<void> {
    this.#index.follow(target);
    return FOLLOWED;
  }

  unfollow(target: string): void {
    this.#index.unfollow(target);
  }

  async read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    const query = { target, after, ...limit, now: this.#now() };
    const page = readPage({ index: this.#index, sequencer: this.#sequencer }, query);
    if (page.entries.length === 0) return { ...page, entries: [] };
    if (this.#closing !== undefined) throw new UnavailableError("the journal is closed");
    const texts = await this.#file.texts(page.entries.map(({ sequence }) => sequence)).catch(
      throwUnavailable,
    );
    return { ...page, entries: page.entries.map((meta, index) => this.#entryOf(meta, texts[index])) };
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#transactions.settled();
    await this.#file.close();
  }

  #entryOf(meta: EntryMeta, text = ""): Entry {
    return { ...meta, id: parseEntryId(text), position: this.#sequencer.positionOf(meta.sequence), text };
  }

  /** Removes what has expired, also while nothing is appended. */
  #sweep(): void {
    const now = this.#now();
    this.#index.expire(now, MAX_SWEPT);
    this.#ids.expire(now, MAX_SWEPT);
    if (this.#evictions.size > 0) this.#transactions.flush();
  }

  async #commit(drafts: readonly Draft[]): Promise<readonly Receipt[] | UnavailableError> {
    const now = this.#now();
    this.#index.expire(now, SWEPT_PER_DRAFT * drafts.length);
    this.#ids.expire(now, SWEPT_PER_DRAFT * drafts.length);
    const { seconds: retentionSeconds } = this.#retention;
    const batch = new WriteBatch({ sequencer: this.#sequencer, ids: this.#ids, retentionSeconds, now });
    const receipts = drafts.map((draft) => batch.add(draft));
    try {
      await this.#write(batch);
    } catch (cause) {
      batch.revoke();
      return new UnavailableError("the journal's file cannot be written", { cause });
    }
    for (const entry of batch.retained) this.#index.add(entry, now);
    for (const entry of batch.entries) if (this.#index.isFollowed(entry.target)) this.#feed.offer(entry);
    return receipts;
  }

  async #write({ head, entries, retained, texts, sentIds }: WriteBatch): Promise<void> {
    if (entries.length === 0 && this.#evictions.size === 0) return; // the batch had only repeats and conflicts
    const evictions = this.#evictions.oldest(MAX_SWEPT + SWEPT_PER_DRAFT * entries.length);
    await this.#file.write({ head, entries: retained, texts, sentIds, ...evictions });
    this.#evictions.confirm(evictions);
    this.#sequencer.advanceTo(head);
  }
}

function throwUnavailable(cause: unknown): never {
  throw new UnavailableError("the journal's file cannot be read", { cause });
}
