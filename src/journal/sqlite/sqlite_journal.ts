/** The SQLite journal: keeps entries in a file, where they survive a restart. */

import { newEpoch, type Position } from "../../wire/position.ts";
import { ByteBudget } from "../index/byte_budget.ts";
import { costOfMeta } from "../index/costs.ts";
import { IdempotencyIndex } from "../index/idempotency_index.ts";
import { readPage } from "../index/paging.ts";
import { FOLLOWED, RetentionIndex } from "../index/retention_index.ts";
import { Sequencer } from "../index/sequencer.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { Draft, Feed, InboxPage, Journal, MarkReceipt, Page, PageLimit, Receipt } from "../journal.ts";
import { type Retention, UnavailableError } from "../journal.ts";
import { Evictions } from "./evictions.ts";
import type { OpenedFile, Synchronous } from "./file.ts";
import { FileWriter } from "./file_writer.ts";
import { GroupCommit } from "./group_commit.ts";
import { type HealthState, JournalHealth, type OnHealthChange } from "./health.ts";
import { loadIndexes } from "./load.ts";
import { withTexts } from "./page_texts.ts";
import { SqliteWorkerClient } from "./worker_client.ts";
import { WriteBatch } from "./write_batch.ts";

export interface SqliteOptions {
  readonly retention: Retention;
  readonly synchronous: Synchronous;
  /** Called if the worker that owns the file ends by itself. The journal is of no use from then on. */
  readonly onFailure: (error: Error) => void;
  readonly onHealthChange?: OnHealthChange;
  /** Called with the number of rows that turned out to be damaged. Their entries are skipped. */
  readonly onDamage?: (rows: number) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const SWEEP_MS = 100;
const MAX_SWEPT = 512;
const SWEPT_PER_DRAFT = 2; // each append removes more than it adds
const CHECK_MS = 500;

/**
 * The file is a log, and its index is in memory: 220 bytes per entry, which are read from the file at startup (a
 * million entries in 3 s). With an index by target in the file, a row would cost 10 to 20 µs instead of 2 to 3.
 *
 * A worker owns the file. On the event loop's own thread, batches of 1,000 would hold up the loop for 2 to 4 ms each,
 * two thirds of the time; with the worker it is a tenth of the time, for encoding. The worker costs 10 to 20 % of the
 * rows per second, and nothing measurable with one notification per request.
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
  readonly #health: JournalHealth;
  readonly #writer: FileWriter;
  readonly #onDamage: (rows: number) => void;
  readonly #transactions = new GroupCommit((drafts) => this.#commit(drafts));
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #closing: Promise<void> | undefined;

  private constructor(
    file: SqliteWorkerClient,
    feed: Feed,
    opened: OpenedFile,
    { retention, now = Date.now, onHealthChange = () => {}, onDamage = () => {} }: SqliteOptions,
  ) {
    this.#file = file;
    this.#feed = feed;
    this.#retention = retention;
    this.#now = now;
    this.#sequencer = new Sequencer(opened.epoch, opened);
    const evictions = this.#evictions = new Evictions(opened.completeAfter);
    const budget = new ByteBudget(retention.bytes);
    const onEvict = evictions.evict.bind(evictions), onForget = evictions.forgetId.bind(evictions);
    this.#index = new RetentionIndex(retention, { budget, costOf: costOfMeta, onEvict });
    this.#ids = new IdempotencyIndex(retention, { budget, onForget });
    this.#health = new JournalHealth(onHealthChange);
    this.#writer = new FileWriter({ file, evictions, sequencer: this.#sequencer, health: this.#health });
    this.#onDamage = onDamage;
  }

  /**
   * Opens the file, and creates it and its folder if they do not exist. A file that cannot be written, for example
   * because the disk is full, is opened for reading until it can be.
   *
   * @throws {CannotOpenError} if it is in use, is not a journal, or cannot be read
   */
  static async open(path: string, feed: Feed, options: SqliteOptions): Promise<SqliteJournal> {
    const { file, opened } = await SqliteWorkerClient.open(path, { ...options, freshEpoch: newEpoch() });
    const journal = new SqliteJournal(file, feed, opened, options);
    await journal.#load(opened);
    journal.#health.setUnwritable(opened.unwritable);
    journal.#timers.push(setInterval(() => journal.#sweep(), SWEEP_MS));
    journal.#timers.push(setInterval(() => void journal.#check(), CHECK_MS));
    return journal;
  }

  get health(): HealthState {
    return this.#health.state;
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
    this.#requireFile();
    if (page.entries.length === 0) return { ...page, entries: [] };
    const sequences = page.entries.map(({ sequence }) => sequence);
    const texts = await this.#file.texts(sequences).catch(throwUnavailable);
    this.#requireFile();
    const read = withTexts(page, { texts, sequencer: this.#sequencer });
    for (const entry of read.damaged) this.#index.lose(entry);
    if (read.damaged.length > 0) this.#onDamage(read.damaged.length);
    return read.page;
  }

  mark(): Promise<MarkReceipt> {
    return Promise.reject(new UnavailableError("this journal keeps no marks"));
  }

  inbox(): Promise<InboxPage> {
    return Promise.reject(new UnavailableError("this journal has no inbox"));
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#sweep();
    await this.#transactions.settled();
    await this.#file.close();
  }

  async #load(opened: OpenedFile): Promise<void> {
    const deps = { opened, index: this.#index, ids: this.#ids, evictions: this.#evictions, now: this.#now() };
    const damaged = opened.damaged + await loadIndexes(this.#file, deps);
    if (damaged > 0) this.#onDamage(damaged);
  }

  #requireFile(): void {
    if (this.#closing !== undefined) throw new UnavailableError("the journal is closed");
    if (this.#health.state === "lost") throw new UnavailableError(this.#health.reason);
  }

  /** Removes what has expired, also while nothing is appended. */
  #sweep(): void {
    const now = this.#now();
    this.#index.expire(now, MAX_SWEPT);
    this.#ids.expire(now, MAX_SWEPT);
    if (this.#evictions.size > 0 || this.#health.state === "unwritable") this.#transactions.flush();
  }

  async #check(): Promise<void> {
    this.#health.setLost(await this.#file.check());
  }

  async #commit(drafts: readonly Draft[]): Promise<readonly Receipt[] | UnavailableError> {
    const batch = this.#newBatch(drafts);
    try {
      await this.#writer.ready();
      const receipts = drafts.map((draft) => batch.add(draft));
      await this.#writer.write(batch);
      this.#keep(batch);
      return receipts;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      batch.revoke();
      return error;
    }
  }

  #newBatch(drafts: readonly Draft[]): WriteBatch {
    const now = this.#now();
    this.#index.expire(now, SWEPT_PER_DRAFT * drafts.length);
    this.#ids.expire(now, SWEPT_PER_DRAFT * drafts.length);
    const { seconds: retentionSeconds } = this.#retention;
    return new WriteBatch({ sequencer: this.#sequencer, ids: this.#ids, retentionSeconds, now });
  }

  /** Adds what is written to the index, and offers it to the feed. */
  #keep({ retained, entries, now }: WriteBatch): void {
    for (const entry of retained) this.#index.add(entry, now);
    for (const entry of entries) if (this.#index.isFollowed(entry.target)) this.#feed.offer(entry);
  }
}

function throwUnavailable(cause: unknown): never {
  throw new UnavailableError("the journal's file cannot be read", { cause });
}
