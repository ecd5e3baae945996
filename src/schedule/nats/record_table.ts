/** RecordTable: what this node knows of the records in the stream, and which of them it may take. */

import { kindOf, type TakeLimit } from "../schedule.ts";
import { type IndexedRecord, ScheduleIndex } from "../schedule_index.ts";
import { TimeQueue } from "../time_queue.ts";
import type { RecordMessage } from "./record_message.ts";

export interface KnownRecord extends IndexedRecord {
  /** When it can be taken over, if a node has taken it. */
  readonly takeover: Takeover;
}

/** `at` is in milliseconds of the monotonic clock of this process, so it does no harm if the clocks of nodes differ. */
interface Takeover {
  readonly key: string;
  at: number;
  place: number;
}

export interface RecordTableOptions {
  readonly maxBytes: number;
  /** A record that is taken can be taken over this long after this node has learnt of it. */
  readonly takenMs: number;
}

export class RecordTable {
  readonly #index: ScheduleIndex<KnownRecord>;
  readonly #takenMs: number;
  readonly #takeovers = new Map<string, TimeQueue<Takeover>>(); // by kind

  constructor({ maxBytes, takenMs }: RecordTableOptions) {
    this.#index = new ScheduleIndex({ maxBytes });
    this.#takenMs = takenMs;
  }

  has(key: string): boolean {
    return this.#index.has(key);
  }

  waiting(kind: string): number {
    return this.#index.waiting(kind);
  }

  /** The keys of the records of a kind that are not done. */
  keysOf(kind: string): string[] {
    return this.#index.ofKind(kind).map(({ key }) => key);
  }

  hasRoom(record: Pick<KnownRecord, "key" | "bytes">): boolean {
    return this.#index.hasRoom(record);
  }

  /** Takes a message as known, unless a newer one of its record is. */
  apply({ state, ...message }: RecordMessage): void {
    const { key, sequence } = message, known = this.#index.get(key);
    if (known !== undefined && known.sequence >= sequence) return;
    this.delete(key);
    if (state === "cancelled") return;
    const takeover = { key, at: performance.now() + this.#takenMs, place: -1 };
    if (state === "taken") this.#takeoversOf(key).add(takeover);
    this.#index.add({
      ...message,
      bytes: state === "done" ? 0 : message.bytes,
      state,
      takeover,
      at: 0,
      place: -1,
    });
  }

  delete(key: string): void {
    const known = this.#index.get(key);
    if (known === undefined) return;
    this.#takeoversOf(key).remove(known.takeover);
    this.#index.delete(known);
  }

  clear(): void {
    this.#index.clear();
    this.#takeovers.clear();
  }

  /**
   * Returns records of a kind that may be taken now, in the order of their due times after those that are taken over. They are not
   * returned again until `restore`, or until something is known of them.
   */
  due(kind: string, { records, bytes, now }: TakeLimit & { now: number }): KnownRecord[] {
    const due: KnownRecord[] = [];
    for (let left = bytes; due.length < records;) {
      const record = this.#overdue(kind) ?? this.#index.due(kind, now);
      if (record === undefined || (due.length > 0 && record.bytes > left)) break;
      this.#takeoversOf(record.key).remove(record.takeover);
      this.#index.set(record, "taken");
      due.push(record);
      left -= record.bytes;
    }
    return due;
  }

  /** Makes a record that could not be taken available again. */
  restore(record: KnownRecord): void {
    if (this.#index.get(record.key) === record) this.#index.set(record, "waiting");
  }

  /** Forgets records that have been known for long enough, and returns them. */
  forget(now: number, max: number): KnownRecord[] {
    return this.#index.forget(now, max);
  }

  #takeoversOf(key: string): TimeQueue<Takeover> {
    const kind = kindOf(key);
    let queue = this.#takeovers.get(kind);
    if (queue === undefined) this.#takeovers.set(kind, queue = new TimeQueue());
    return queue;
  }

  #overdue(kind: string): KnownRecord | undefined {
    const first = this.#takeovers.get(kind)?.first;
    return first !== undefined && first.at <= performance.now() ? this.#index.get(first.key) : undefined;
  }
}
