/** The schedule port: what is to be done later, by which node of several, and what has been done. */

/** Something that is to be done at a time. What it is, only its owner knows. */
export interface ScheduledRecord {
  /** Identifies the record. It begins with the kind of the record and a space; the owner chooses both. */
  readonly key: string;
  /** Recognises a record that is added again. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  readonly content: string;
}

/**
 * The result for one record.
 *
 * - `added`: the record is new and is kept.
 * - `repeated`: a record with the same key and digest is known; it is due at this time, or was.
 * - `conflict`: the key is that of another record, so this one was not added.
 * - `full`: there is no room for the record.
 */
export type AddReceipt =
  | { readonly outcome: "added" | "repeated"; readonly dueAt: number }
  | { readonly outcome: "conflict" | "full" };

/** What is known of a record. One that is done is known until a day after it was due. */
export interface RecordStatus {
  readonly state: "waiting" | "taken" | "done";
  /** Milliseconds since 1970. */
  readonly addedAt: number;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
}

/** `unknown`: there is no such record. `too late`: it is being done, or is done. */
export type CancelOutcome = "cancelled" | "too late" | "unknown";

/** How much is taken at a time. */
export interface TakeLimit {
  readonly records: number;
  /** The sum of the contents' bytes. The first record is taken even if it alone exceeds this. */
  readonly bytes: number;
}

export interface Revision {
  /** True if records with this key are to be looked at. It is called for each. */
  isConcerned(key: string): boolean;
  /** Resolves with the new content; null removes the record, whose key is unknown from then on. */
  revise(record: ScheduledRecord): Promise<string | null>;
}

/** How long a revision waits for records that are being done. Sending a push takes up to 10 s. */
export const MAX_REVISION_MS = 15_000;

export interface ScheduleOptions {
  /** Half of it is for records that are not done, and half for those that are, of which the oldest go first. */
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The kind of the record with this key: what precedes the first space. It is empty if there is none. */
export function kindOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf(" ")));
}

/** How long a record is known after it was due. */
export const KNOWN_AFTER_DUE_MS = 24 * 60 * 60 * 1000;

/**
 * The contract of all schedules. `tests/contracts/schedule.ts` tests it, and every adapter runs that suite.
 *
 * A record waits until it is due, then a node takes it, does it and says so. Only one node at a time can have taken a
 * record, and whoever cancels it first has prevented that. If a node has taken a record and ends, another one takes the
 * record again: so the owner must be able to do it twice with the effect of once.
 *
 * Methods may be called concurrently until `close`, and reject with `UnavailableError` of the journal's port. A change
 * may have been made then, and may be repeated.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { memorySchedule } from "./memory.ts";
 *
 * let now = 1_000;
 * const schedule: Schedule = memorySchedule({ maxBytes: 1024 * 1024, now: () => now });
 * const limit = { records: 10, bytes: 65_536 };
 * await schedule.add([{ key: "note 1", digest: "d", addedAt: now, dueAt: 2_000, content: "Hello" }]);
 * assertEquals(await schedule.take("note", limit), []);
 *
 * now = 2_000;
 * assertEquals((await schedule.take("note", limit)).map(({ content }) => content), ["Hello"]);
 * assertEquals(await schedule.cancel("note 1"), "too late");
 * await schedule.finish(["note 1"]);
 * await schedule.close();
 * ```
 */
export interface Schedule {
  /**
   * Adds records. The promise resolves with a receipt for each, in order, when all that are new are as durable as the
   * adapter makes them. Each record stands alone: a conflict does not affect the others.
   */
  add(records: readonly ScheduledRecord[]): Promise<readonly AddReceipt[]>;

  /** Null: the key is unknown. */
  find(key: string): Promise<RecordStatus | null>;

  /**
   * True if this node knows of a record that is not done. It costs a look into memory. Of a record that another node has
   * added, a node may learn a second later. An isolate that does not know the keys says true while anything of their kind
   * is not done.
   */
  has(key: string): boolean;

  /**
   * The number of records of a kind that wait, as far as this node knows. It costs a look into memory. With NATS, all
   * nodes know of the same records.
   */
  waiting(kind: string): number;

  /** Removes a record that nobody has taken. Its key is unknown from then on. */
  cancel(key: string): Promise<CancelOutcome>;

  /** Takes records of a kind that are due, in the order of their due times. There may be more if it returns any. */
  take(kind: string, limit: TakeLimit): Promise<readonly ScheduledRecord[]>;

  /** Says that records are done which this node has taken. */
  finish(keys: readonly string[]): Promise<void>;

  /** Gives up records which this node has taken, so that they can be taken at once, by any node. */
  release(keys: readonly string[]): Promise<void>;

  /** Gives up records which this node has taken, and has them wait until another time, with another content. */
  postpone(records: readonly ScheduledRecord[]): Promise<void>;

  /** Removes records which this node has taken. Their keys are unknown from then on. */
  forget(keys: readonly string[]): Promise<void>;

  /**
   * Changes or removes what is not done of a kind, as the caller decides for each record. What a node has taken is
   * changed when that node has given it up. Resolves when everything is changed that was there at the call. Rejects with
   * `UnavailableError` also if a record stays taken for too long; a repeat changes the rest.
   */
  revise(kind: string, revision: Revision): Promise<void>;

  /** Stops everything that the schedule runs. */
  close(): Promise<void>;
}
