/** The schedule of a single node: an index in memory over a store, which decides only what survives a restart. */

import { Buffer } from "node:buffer";
import { UnavailableError } from "../journal/journal.ts";
import { ChangeWriter } from "./change_writer.ts";
import { RecordReviser } from "./record_reviser.ts";
import type { RecordChanges, RecordStore, StoredRecord } from "./record_store.ts";
import type {
  AddReceipt,
  CancelOutcome,
  RecordStatus,
  Revision,
  Schedule,
  ScheduledRecord,
  ScheduleOptions,
  TakeLimit,
} from "./schedule.ts";
import { type IndexedRecord, repeatReceipt, ScheduleIndex } from "./schedule_index.ts";

interface OwnRecord extends IndexedRecord {
  /** Settles when a change of the record is stored; undefined: none is being stored. */
  storing: Promise<void> | undefined;
}

/** Each call removes more than a node can finish in between. */
const FORGOTTEN_PER_TAKE = 1_000;

/**
 * That a record is taken is not stored: if the process ends, the record is waiting again. So taking costs no write, and
 * what was taken before a crash is done at once after it.
 */
export class StoredSchedule implements Schedule {
  readonly #store: RecordStore;
  readonly #writer: ChangeWriter;
  readonly #now: () => number;
  readonly #index: ScheduleIndex<OwnRecord>;
  readonly #reviser: RecordReviser<OwnRecord>;
  #lastSequence = 0;
  #isClosed = false;

  /** The store must be empty. */
  constructor(store: RecordStore, options: ScheduleOptions) {
    this.#store = store;
    this.#writer = new ChangeWriter(store);
    this.#now = options.now;
    this.#index = new ScheduleIndex(options);
    const change = (record: OwnRecord, content: string | null) => this.#revise(record, content);
    const settled = () => this.#writer.settled();
    this.#reviser = new RecordReviser({ index: this.#index, store, settled, change });
  }

  /** Opens a store that may have records. */
  static async open(store: RecordStore, options: ScheduleOptions): Promise<StoredSchedule> {
    const schedule = new StoredSchedule(store, options);
    for await (const records of store.load()) {
      for (const { isDone, ...record } of records) {
        schedule.#lastSequence = record.sequence;
        const state = isDone ? "done" : "waiting";
        schedule.#index.add({ ...record, state, at: 0, place: -1, storing: undefined });
      }
    }
    return schedule;
  }

  async add(records: readonly ScheduledRecord[]): Promise<readonly AddReceipt[]> {
    this.#requireOpen();
    return await Promise.all(records.map((record) => this.#add(record)));
  }

  async find(key: string): Promise<RecordStatus | null> {
    for (let storing = this.#storing(key); storing !== undefined; storing = this.#storing(key)) await storing;
    const record = this.#index.get(key);
    if (record === undefined) return null;
    const { state, addedAt, dueAt } = record;
    return { state: state === "taken" || state === "done" ? state : "waiting", addedAt, dueAt };
  }

  has(key: string): boolean {
    return this.#index.has(key);
  }

  waiting(kind: string): number {
    return this.#index.waiting(kind);
  }

  async cancel(key: string): Promise<CancelOutcome> {
    for (let storing = this.#storing(key); storing !== undefined; storing = this.#storing(key)) await storing;
    this.#requireOpen();
    const record = this.#index.get(key);
    if (record === undefined) return "unknown";
    if (record.state !== "waiting") return "too late";
    this.#index.set(record, "cancelling");
    await this.#apply(record, { put: [], removed: [record.sequence] }, {
      onStored: () => this.#index.delete(record),
      onFailure: () => this.#index.set(record, "waiting"),
    });
    return "cancelled";
  }

  async take(kind: string, { records, bytes }: TakeLimit): Promise<readonly ScheduledRecord[]> {
    this.#requireOpen();
    const now = this.#now();
    this.#remove(this.#index.forget(now, FORGOTTEN_PER_TAKE));
    const taken: OwnRecord[] = [];
    for (let left = bytes; taken.length < records;) {
      const record = this.#index.due(kind, now);
      if (record === undefined || (taken.length > 0 && record.bytes > left)) break;
      this.#index.set(record, "taken");
      taken.push(record);
      left -= record.bytes;
    }
    return taken.length === 0 ? [] : await this.#withContents(taken);
  }

  async finish(keys: readonly string[]): Promise<void> {
    this.#requireOpen();
    const records = this.#takenOf(keys);
    const put = records.map((record) => toStored(record, { isDone: true, content: "" }));
    await this.#writer.write({ put, removed: [] });
    for (const record of records) this.#index.set(record, "done");
  }

  release(keys: readonly string[]): Promise<void> {
    for (const record of this.#takenOf(keys)) this.#index.set(record, "waiting");
    return Promise.resolve();
  }

  async postpone(records: readonly ScheduledRecord[]): Promise<void> {
    this.#requireOpen();
    const next = records.flatMap(({ key, dueAt, content }) =>
      this.#takenOf([key]).map((record) => ({ record, dueAt, content, bytes: Buffer.byteLength(content) }))
    );
    const put = next.map(({ record, dueAt, content }) =>
      toStored({ ...record, dueAt }, { isDone: false, content })
    );
    await this.#writer.write({ put, removed: [] });
    for (const { record, dueAt, bytes } of next) {
      this.#index.delete(record);
      this.#index.add({ ...record, dueAt, bytes, state: "waiting", place: -1 });
    }
  }

  async forget(keys: readonly string[]): Promise<void> {
    this.#requireOpen();
    const records = this.#takenOf(keys);
    await this.#writer.write({ put: [], removed: records.map(({ sequence }) => sequence) });
    for (const record of records) this.#index.delete(record);
  }

  async revise(kind: string, revision: Revision): Promise<void> {
    this.#requireOpen();
    await this.#reviser.revise(kind, revision);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writer.settled();
  }

  async #revise(record: OwnRecord, content: string | null): Promise<void> {
    this.#index.set(record, "cancelling");
    const { sequence } = record, put = toStored(record, { isDone: false, content: content ?? "" });
    const changes = content === null ? { put: [], removed: [sequence] } : { put: [put], removed: [] };
    await this.#apply(record, changes, {
      onStored: () => {
        this.#index.delete(record);
        if (content === null) return;
        this.#index.add({
          ...record,
          bytes: Buffer.byteLength(content),
          state: "waiting",
          storing: undefined,
        });
      },
      onFailure: () => this.#index.set(record, "waiting"),
    });
  }

  async #add(record: ScheduledRecord): Promise<AddReceipt> {
    const { key, digest, addedAt, dueAt, content } = record;
    for (let storing = this.#storing(key); storing !== undefined; storing = this.#storing(key)) await storing;
    const known = this.#index.get(key);
    if (known !== undefined) return repeatReceipt(known, record);
    const bytes = Buffer.byteLength(content);
    if (!this.#index.hasRoom({ key, bytes })) return { outcome: "full" };
    const sequence = ++this.#lastSequence, state = "adding" as const;
    const added = {
      key,
      digest,
      addedAt,
      dueAt,
      sequence,
      bytes,
      state,
      at: 0,
      place: -1,
      storing: undefined,
    };
    this.#index.add(added);
    await this.#apply(added, { put: [toStored(added, { isDone: false, content })], removed: [] }, {
      onStored: () => this.#index.set(added, "waiting"),
      onFailure: () => this.#index.delete(added),
    });
    return { outcome: "added", dueAt };
  }

  /** Settles when the change of the record that is being stored is known. Undefined: none is being stored. */
  #storing(key: string): Promise<void> | undefined {
    return this.#index.get(key)?.storing?.catch(() => {}); // whoever made the change handles its error
  }

  /** No one acts on the record until the change is stored or has failed. */
  async #apply(
    record: OwnRecord,
    changes: RecordChanges,
    { onStored, onFailure }: { onStored: () => void; onFailure: () => void },
  ): Promise<void> {
    record.storing = this.#writer.write(changes);
    try {
      await record.storing;
      onStored();
    } catch (error) {
      onFailure();
      throw error;
    } finally {
      record.storing = undefined;
    }
  }

  async #withContents(taken: readonly OwnRecord[]): Promise<readonly ScheduledRecord[]> {
    try {
      const contents = await this.#store.contents(taken.map(({ sequence }) => sequence));
      const damaged = taken.filter((_, index) => typeof contents[index] !== "string");
      for (const record of damaged) this.#index.delete(record);
      if (damaged.length > 0) this.#store.foundDamage(damaged.length);
      this.#remove(damaged);
      return taken.flatMap(({ key, digest, addedAt, dueAt }, index) => {
        const content = contents[index] ?? null;
        return content === null ? [] : { key, digest, addedAt, dueAt, content };
      });
    } catch (error) {
      for (const record of taken) this.#index.set(record, "waiting");
      throw error;
    }
  }

  /** Removes records that the index has let go of. If that fails, the next start finds and removes them again. */
  #remove(records: readonly OwnRecord[]): void {
    if (records.length === 0) return;
    this.#writer.write({ put: [], removed: records.map(({ sequence }) => sequence) }).catch(() => {});
  }

  #takenOf(keys: readonly string[]): OwnRecord[] {
    const records = keys.map((key) => this.#index.get(key)).filter((record) => record !== undefined);
    return records.filter(({ state }) => state === "taken");
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new UnavailableError("the schedule is closed");
  }
}

function toStored(
  { sequence, key, digest, addedAt, dueAt }: OwnRecord,
  { isDone, content }: { isDone: boolean; content: string },
): StoredRecord {
  return { sequence, key, digest, addedAt, dueAt, isDone, content };
}
