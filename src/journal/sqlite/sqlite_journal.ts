/** The SQLite journal: keeps entries in a file, where they survive a restart. */

import { newEpoch, type Position } from "../../wire/position.ts";
import { ByteBudget } from "../index/byte_budget.ts";
import { costOfMeta } from "../index/costs.ts";
import { IdempotencyIndex } from "../index/idempotency_index.ts";
import { FOLLOWED, RetentionIndex } from "../index/retention_index.ts";
import { Sequencer } from "../index/sequencer.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { Draft, Feed, Journal, Page, PageLimit } from "../journal.ts";
import type { JournalStats } from "../journal_stats.ts";
import type { InboxPage, MarkReceipt, ReadChange } from "../read.ts";
import { type Receipt, type Retention, UnavailableError } from "../journal.ts";
import { BesideRows } from "./beside_rows.ts";
import { Committer } from "./committer.ts";
import { Eraser } from "./eraser.ts";
import { Evictions } from "./evictions.ts";
import type { Synchronous } from "./file.ts";
import type { OpenedFile } from "./file_report.ts";
import { FileReader } from "./file_reader.ts";
import { FileWriter } from "./file_writer.ts";
import { GroupCommit } from "./group_commit.ts";
import { type HealthState, JournalHealth, type OnHealthChange } from "./health.ts";
import { loadIndexes } from "./load.ts";
import { OldestEntry } from "./oldest_entry.ts";
import { type NewlyRead, PendingAppend, PendingMark, type PendingWrite } from "./pending_write.ts";
import { ScheduleRows } from "./schedule_rows.ts";
import { SqliteWorkerClient } from "./worker_client.ts";

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
 * const draft = { data: '"Hello"', ttl: null, topic: null, urgency: null, push: null, digest: null };
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
  readonly #retention: Retention;
  readonly #now: () => number;
  readonly #sequencer: Sequencer;
  readonly #evictions: Evictions;
  readonly #index: RetentionIndex<EntryMeta>;
  readonly #ids: IdempotencyIndex;
  readonly #budget: ByteBudget;
  readonly #oldest: OldestEntry;
  readonly #health: JournalHealth;
  readonly #reader: FileReader;
  readonly #committer: Committer;
  readonly #transactions: GroupCommit<NewlyRead, PendingWrite>;
  readonly #eraser: Eraser;
  readonly #onDamage: (rows: number) => void;
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #closing: Promise<void> | undefined;
  /** The part of the file for a schedule, which must be closed before the journal. */
  readonly scheduleRows: ScheduleRows;
  /** The part of the file for push subscriptions, which must be closed before the journal. */
  readonly subscriptionRows: BesideRows<"push_subscriptions">;
  /** The parts of the file for presence, which must be closed before the journal. */
  readonly valueRows: {
    readonly presence: BesideRows<"presence">;
    readonly lastSeen: BesideRows<"last_seen">;
  };
  /** The part of the file for revocations, which must be closed before the journal. */
  readonly revocationRows: BesideRows<"revocations">;

  private constructor(
    file: SqliteWorkerClient,
    feed: Feed,
    opened: OpenedFile,
    { retention, now = Date.now, onHealthChange = () => {}, onDamage = () => {} }: SqliteOptions,
  ) {
    this.#file = file;
    this.#retention = retention;
    this.#now = now;
    const sequencer = this.#sequencer = new Sequencer(opened.epoch, opened);
    const evictions = this.#evictions = new Evictions(opened.completeAfter);
    const budget = this.#budget = new ByteBudget(retention.bytes);
    const onEvict = evictions.evict.bind(evictions), onForget = evictions.forgetId.bind(evictions);
    const index = this.#index = new RetentionIndex(retention, { budget, costOf: costOfMeta, onEvict });
    const ids = this.#ids = new IdempotencyIndex(retention, { budget, onForget });
    this.#oldest = new OldestEntry({ file, index });
    this.#health = new JournalHealth(onHealthChange);
    const writer = new FileWriter({ file, evictions, sequencer, health: this.#health });
    const { seconds: retentionSeconds } = retention;
    this.#committer = new Committer({
      writer,
      sequencer,
      index,
      ids,
      evictions,
      feed,
      retentionSeconds,
      now,
    });
    this.#transactions = new GroupCommit((writes) => this.#committer.commit(writes));
    this.#eraser = new Eraser({ file, evictions, transactions: this.#transactions });
    const requireFile = () => this.#requireFile();
    this.#reader = new FileReader({ file, index, sequencer, requireFile, onDamage });
    this.#onDamage = onDamage;
    const beside = { file, health: this.#health, onDamage };
    this.scheduleRows = new ScheduleRows(beside);
    this.subscriptionRows = new BesideRows("push_subscriptions", beside);
    this.valueRows = {
      presence: new BesideRows("presence", beside),
      lastSeen: new BesideRows("last_seen", beside),
    };
    this.revocationRows = new BesideRows("revocations", beside);
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
    await journal.#oldest.refresh();
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
    const append = new PendingAppend(drafts);
    this.#transactions.add(append);
    return append.written;
  }

  follow(target: string): Promise<void> {
    this.#index.follow(target);
    return FOLLOWED;
  }

  unfollow(target: string): void {
    this.#index.unfollow(target);
  }

  read(target: string, after: Position | null, { entries, bytes }: PageLimit): Promise<Page> {
    return this.#reader.read({ target, after, entries, bytes, now: this.#now() });
  }

  mark(target: string, change: ReadChange): Promise<MarkReceipt> {
    if (this.#closing !== undefined) return Promise.reject(new UnavailableError("the journal is closed"));
    if (this.#retention.seconds === 0) return Promise.resolve({ outcome: "nothing is kept" });
    const mark = new PendingMark(target, change);
    this.#transactions.add(mark);
    return mark.written;
  }

  inbox(target: string, before: Position | null, { entries, bytes }: PageLimit): Promise<InboxPage> {
    return this.#reader.inbox({ target, before, entries, bytes, now: this.#now() });
  }

  async forget(target: string): Promise<void> {
    if (this.#closing !== undefined) throw new UnavailableError("the journal is closed");
    await this.#eraser.erase(target);
  }

  /** Leaves no byte in the file of what was deleted before, also beside the journal. Rejects with `UnavailableError`. */
  async wipe(): Promise<void> {
    if (this.#closing !== undefined) throw new UnavailableError("the journal is closed");
    await this.#eraser.wipe();
  }

  stats(): JournalStats {
    const { size: entries, evicted } = this.#index;
    return { entries, bytes: this.#budget.spent, oldestAt: this.#oldest.at, evicted };
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
    const indexes = { index: this.#index, ids: this.#ids, evictions: this.#evictions };
    const deps = { opened, sequencer: this.#sequencer, ...indexes, now: this.#now() };
    const { damaged, keptUntil } = await loadIndexes(this.#file, deps);
    this.#committer.keptUntil = keptUntil;
    if (opened.damaged + damaged > 0) this.#onDamage(opened.damaged + damaged);
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
    // Nothing may be read from a file that is lost: SQLite could not close it afterwards.
    if (this.#closing === undefined && this.#health.state !== "lost") await this.#oldest.refresh();
  }
}
