/** ScheduleIndex: the records of a schedule in memory, without their contents: by key, by due time, and by age. */

import {
  type AddReceipt,
  kindOf,
  KNOWN_AFTER_DUE_MS,
  type RecordStatus,
  type ScheduledRecord,
  type ScheduleOptions,
} from "./schedule.ts";
import { type TimedItem, TimeQueue } from "./time_queue.ts";

/** `adding` and `cancelling`: the change is not stored yet, so nobody may take the record. */
export type RecordState = RecordStatus["state"] | "adding" | "cancelling";

/** A record without its content. */
export interface IndexedRecord extends Omit<ScheduledRecord, "content">, TimedItem {
  readonly sequence: number;
  /** The length of the content in bytes of UTF-8. */
  readonly bytes: number;
  state: RecordState;
}

/** Each of 200,000 takes 376 bytes of V8's heap after a garbage collection, with a key of 49 characters. */
const RECORD_BYTES = 400;

export class ScheduleIndex<R extends IndexedRecord> {
  readonly #maxBytes: number; // of those that are not done, and of those that are
  readonly #byKey = new Map<string, R>();
  readonly #waiting = new Map<string, TimeQueue<R>>(); // by kind, of which there are few
  readonly #done = new TimeQueue<R>(); // by when they are forgotten
  #openBytes = 0; // of all records that are not done
  #doneBytes = 0;

  constructor({ maxBytes }: Pick<ScheduleOptions, "maxBytes">) {
    this.#maxBytes = maxBytes / 2;
  }

  get(key: string): R | undefined {
    return this.#byKey.get(key);
  }

  /** True if there is a record that is not done. */
  has(key: string): boolean {
    const record = this.#byKey.get(key);
    return record !== undefined && record.state !== "done";
  }

  /** The number of records of a kind that wait. */
  waiting(kind: string): number {
    return this.#waiting.get(kind)?.size ?? 0;
  }

  /** The records of a kind that are not done. */
  ofKind(kind: string): R[] {
    return [...this.#byKey.values()].filter(({ key, state }) => state !== "done" && kindOf(key) === kind);
  }

  hasRoom(record: Pick<R, "key" | "bytes">): boolean {
    return this.#openBytes + record.bytes + costOf(record) <= this.#maxBytes;
  }

  /** Adds a record whose key is unknown. */
  add(record: R): void {
    this.#byKey.set(record.key, record);
    this.#count(record, 1);
    this.#enqueue(record);
  }

  set(record: R, state: RecordState): void {
    this.#dequeue(record);
    this.#count(record, -1);
    record.state = state;
    this.#count(record, 1);
    this.#enqueue(record);
  }

  delete(record: R): void {
    this.#dequeue(record);
    this.#count(record, -1);
    this.#byKey.delete(record.key);
  }

  /** The waiting record of a kind that is due first, if it is due now. */
  due(kind: string, now: number): R | undefined {
    const first = this.#waiting.get(kind)?.first;
    return first !== undefined && first.at <= now ? first : undefined;
  }

  /** Forgets records that were due a day ago or are too many, and returns them. At most `max` at a time. */
  forget(now: number, max: number): R[] {
    const forgotten: R[] = [];
    while (forgotten.length < max) {
      const { first } = this.#done;
      if (first === undefined || (first.at > now && this.#doneBytes <= this.#maxBytes)) break;
      this.delete(first);
      forgotten.push(first);
    }
    return forgotten;
  }

  /** Forgets everything. */
  clear(): void {
    for (const record of [...this.#byKey.values()]) this.delete(record);
  }

  #enqueue(record: R): void {
    if (record.state === "waiting") {
      record.at = record.dueAt;
      this.#waitingOf(record).add(record);
    } else if (record.state === "done") {
      record.at = record.dueAt + KNOWN_AFTER_DUE_MS;
      this.#done.add(record);
    }
  }

  #dequeue(record: R): void {
    if (record.state === "waiting") this.#waitingOf(record).remove(record);
    else if (record.state === "done") this.#done.remove(record);
  }

  #waitingOf({ key }: R): TimeQueue<R> {
    const kind = kindOf(key);
    let queue = this.#waiting.get(kind);
    if (queue === undefined) this.#waiting.set(kind, queue = new TimeQueue());
    return queue;
  }

  #count(record: R, sign: 1 | -1): void {
    if (record.state === "done") this.#doneBytes += sign * costOf(record);
    else this.#openBytes += sign * (costOf(record) + record.bytes);
  }
}

/** The receipt for a record that is added under the key of a known one. */
export function repeatReceipt(
  known: Pick<ScheduledRecord, "digest" | "dueAt">,
  { digest }: Pick<ScheduledRecord, "digest">,
): AddReceipt {
  return known.digest === digest ? { outcome: "repeated", dueAt: known.dueAt } : { outcome: "conflict" };
}

/** The memory that a record takes without its content. */
function costOf({ key }: Pick<IndexedRecord, "key">): number {
  return RECORD_BYTES + 2 * key.length;
}
