/** The NATS schedule: every node knows when records are due, and the stream decides which node does them. */

import { Buffer } from "node:buffer";
import type { NatsLink } from "../../nats/link.ts";
import { StoreRequests } from "../../nats/store_requests.ts";
import { ensureStream } from "../../nats/streams.ts";
import {
  type AddReceipt,
  type CancelOutcome,
  type RecordStatus,
  type Revision,
  type Schedule,
  type ScheduledRecord,
  type ScheduleOptions,
  type TakeLimit,
} from "../schedule.ts";
import { repeatReceipt } from "../schedule_index.ts";
import { MessageReviser } from "./message_reviser.ts";
import { type FullMessage, RecordLog } from "./record_log.ts";
import { isKnown, newHead, type RecordMessage } from "./record_message.ts";
import { type KnownRecord, RecordTable } from "./record_table.ts";
import { scheduleConfig } from "./schedule_stream.ts";
import { StreamFollower, type StreamFollowerOptions } from "./stream_follower.ts";

export type NatsScheduleOptions =
  & ScheduleOptions
  & Omit<StreamFollowerOptions, "onMessage" | "onReset">
  & {
    /** A record that a node has taken and not finished can be taken again after this time. */
    readonly takenMs?: number;
  };

const TAKEN_MS = 30_000;
const FORGOTTEN_PER_TAKE = 16; // twenty takes a second; each of them costs a request

export class NatsSchedule implements Schedule {
  readonly #now: () => number;
  readonly #report: NatsScheduleOptions["report"];
  readonly #log: RecordLog;
  readonly #table: RecordTable;
  readonly #follower: StreamFollower;
  readonly #reviser: MessageReviser;
  readonly #own = new Map<string, RecordMessage>(); // the messages with which this node has taken records, by key
  readonly #requests: StoreRequests;

  private constructor(
    link: NatsLink,
    info: ConstructorParameters<typeof StreamFollower>[1],
    options: NatsScheduleOptions,
  ) {
    const { maxBytes, now, takenMs = TAKEN_MS, stream } = options;
    this.#requests = new StoreRequests(link, { closed: "the schedule is closed" });
    this.#now = now;
    this.#report = options.report;
    this.#log = new RecordLog(link, stream);
    const table = this.#table = new RecordTable({ maxBytes, takenMs });
    this.#reviser = new MessageReviser(link, {
      stream,
      log: this.#log,
      change: ({ content: _, ...message }, content) =>
        this.#change({ ...message, bytes: Buffer.byteLength(content) }, { state: "waiting", content }),
      onRemoved: (key) => table.delete(key),
    });
    this.#follower = new StreamFollower(link, info, {
      ...options,
      onMessage: (message) => table.apply(message),
      onReset: () => table.clear(),
    });
  }

  /** @throws {StreamMismatchError} if the stream exists with another configuration */
  static async open(link: NatsLink, options: NatsScheduleOptions): Promise<NatsSchedule> {
    const { info } = await ensureStream(link, scheduleConfig(options));
    return new NatsSchedule(link, info, options);
  }

  add(records: readonly ScheduledRecord[]): Promise<readonly AddReceipt[]> {
    return this.#requests.make(() => Promise.all(records.map((record) => this.#add(record))));
  }

  find(key: string): Promise<RecordStatus | null> {
    return this.#requests.make(async () => {
      const message = await this.#read(key);
      if (message === null || message.state === "cancelled") return null;
      const { state, addedAt, dueAt } = message;
      return { state, addedAt, dueAt };
    });
  }

  has(key: string): boolean {
    return this.#table.has(key);
  }

  waiting(kind: string): number {
    return this.#table.waiting(kind);
  }

  cancel(key: string): Promise<CancelOutcome> {
    return this.#requests.make(async () => {
      for (;;) {
        const message = await this.#read(key);
        if (message === null || message.state === "cancelled") return "unknown";
        if (message.state !== "waiting") return "too late";
        const cancelled = await this.#change(message, { state: "cancelled", content: "" });
        if (cancelled === null) continue;
        await this.#log.remove(cancelled.sequence);
        return "cancelled";
      }
    });
  }

  take(kind: string, limit: TakeLimit): Promise<readonly ScheduledRecord[]> {
    return this.#requests.make(async () => {
      const forgotten = this.#table.forget(this.#now(), FORGOTTEN_PER_TAKE);
      await Promise.all(forgotten.map(({ sequence }) => this.#log.remove(sequence)));
      const due = this.#table.due(kind, { ...limit, now: this.#now() });
      const results = await Promise.allSettled(due.map((record) => this.#take(record)));
      const taken = results.flatMap((result) =>
        result.status === "fulfilled" && result.value !== null ? result.value : []
      );
      const failed = results.find(({ status }) => status === "rejected");
      if (taken.length === 0 && failed?.status === "rejected") throw failed.reason;
      return taken;
    });
  }

  finish(keys: readonly string[]): Promise<void> {
    return this.#forOwn(keys, (message) => this.#change(message, { state: "done", content: "" }));
  }

  release(keys: readonly string[]): Promise<void> {
    return this.#forOwn(keys, async (message) => {
      const stored = await this.#log.read(message.key);
      if (stored === null) return this.#table.delete(message.key);
      await this.#change(message, { state: "waiting", content: stored.content });
    });
  }

  async postpone(records: readonly ScheduledRecord[]): Promise<void> {
    const byKey = new Map(records.map((record) => [record.key, record]));
    await this.#forOwn([...byKey.keys()], async (message) => {
      const { dueAt, content } = byKey.get(message.key) ?? { ...message, content: "" };
      await this.#change({ ...message, dueAt, bytes: Buffer.byteLength(content) }, {
        state: "waiting",
        content,
      });
    });
  }

  forget(keys: readonly string[]): Promise<void> {
    return this.#forOwn(keys, async (message) => {
      const cancelled = await this.#change(message, { state: "cancelled", content: "" });
      if (cancelled !== null) await this.#log.remove(cancelled.sequence);
    });
  }

  revise(kind: string, { isConcerned, revise }: Revision): Promise<void> {
    const known = this.#table.keysOf(kind);
    return this.#requests.make(() => this.#reviser.revise(kind, { isConcerned, revise, known }));
  }

  async close(): Promise<void> {
    this.#requests.close();
    await this.#follower.close();
  }

  async #add(record: ScheduledRecord): Promise<AddReceipt> {
    const { key, content, dueAt } = record, head = newHead(record);
    for (let last = 0;;) {
      const hasRoom = this.#table.hasRoom({ key, bytes: head.bytes });
      const sequence = hasRoom ? await this.#log.write(key, { head, content, last }) : null;
      if (sequence === "full") return { outcome: "full" };
      if (sequence !== null) {
        this.#table.apply({ ...head, key, sequence });
        return { outcome: "added", dueAt };
      }
      const known = await this.#log.read(key);
      if (known !== null && isKnown(known, this.#now())) return repeatReceipt(known, record);
      if (!hasRoom) return { outcome: "full" };
      last = known?.sequence ?? 0;
    }
  }

  /** Resolves to null if the record is not to be taken any more. */
  async #take(record: KnownRecord): Promise<ScheduledRecord | null> {
    try {
      const message = await this.#log.read(record.key);
      if (message?.sequence !== record.sequence) {
        this.#learn(record.key, message);
        return null;
      }
      const { key, digest, addedAt, dueAt, content } = message;
      const taken = await this.#change(message, { state: "taken", content });
      if (taken === null) {
        this.#table.restore(record); // the change that may come before this one may also fail
        return null;
      }
      this.#own.set(key, taken);
      return { key, digest, addedAt, dueAt, content };
    } catch (error) {
      this.#table.restore(record);
      throw error;
    }
  }

  /** Writes a new state, and resolves to null if the record has another message by now. */
  async #change(
    { key, sequence: last, ...head }: RecordMessage,
    { state, content }: { state: RecordMessage["state"]; content: string },
  ): Promise<RecordMessage | null> {
    const next = { ...head, state };
    const sequence = await this.#log.write(key, { head: next, content, last });
    if (sequence === "full") {
      const error = new Error("the stream of the schedule in NATS is full, so nothing of it can be sent");
      this.#report(error);
      throw error;
    }
    if (sequence === null) {
      this.#learn(key, await this.#log.read(key));
      return null;
    }
    const message = { ...next, key, sequence };
    this.#table.apply(message);
    return message;
  }

  /** Changes records which this node has taken. One that another node has taken over is left alone. */
  async #forOwn(
    keys: readonly string[],
    change: (message: RecordMessage) => Promise<unknown>,
  ): Promise<void> {
    await this.#requests.make(async () => {
      const results = await Promise.allSettled(keys.map(async (key) => {
        const message = this.#own.get(key);
        if (message === undefined) return;
        await change(message);
        this.#own.delete(key);
      }));
      for (const result of results) if (result.status === "rejected") throw result.reason;
    });
  }

  /** Takes what the leader says about a record as known. */
  #learn(key: string, message: RecordMessage | null): void {
    if (message === null) this.#table.delete(key);
    else this.#table.apply(message);
  }

  async #read(key: string): Promise<FullMessage | null> {
    const message = await this.#log.read(key);
    return message !== null && isKnown(message, this.#now()) ? message : null;
  }
}
