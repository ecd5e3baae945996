/** Records which topics a target has. Each topic has its own subject, where the newest message replaces the others. */

import { Buffer } from "node:buffer";
import { z } from "zod";
import { SharedRequests } from "../../async/shared_requests.ts";
import type { NatsLink } from "../../nats/link.ts";
import { encodeToken } from "../../nats/subjects.ts";
import { messageBytes, publishAfter } from "../../nats/publish_after.ts";
import type { StreamRoom } from "../../nats/stream_room.ts";
import { topicsStream } from "./streams.ts";

/** The record of one target, as it is stored. */
const TopicRecord = z.object({
  /** Topics with the time when each was recorded, in milliseconds since 1970. The latest comes last. */
  topics: z.array(z.tuple([z.string(), z.number()]).readonly()).readonly(),
  /** A connection that has read less than this may have missed topics that are not recorded any more. */
  completeAfter: z.number(),
  /** The epoch of the stream that `completeAfter` is a number of. */
  epoch: z.string().exactOptional(),
});
type TopicRecord = Readonly<z.infer<typeof TopicRecord>>;

interface StoredRecord {
  readonly record: TopicRecord;
  /** 0: there is none. */
  readonly sequence: number;
  /** What it takes in the stream. */
  readonly bytes: number;
}

const NO_RECORD: StoredRecord = { record: { topics: [], completeAfter: 0 }, sequence: 0, bytes: 0 };

export interface TopicsOptions {
  readonly stream: string;
  /** The largest number of topics of a target. */
  readonly max: number;
  /**
   * A topic is recorded again after this time, which is how long a notification is kept. So a record outlives all
   * notifications that are found by it.
   */
  readonly renewMs: number;
  /** The sequence number of the newest notification. */
  head(): Promise<number>;
  /** The current epoch of the stream of the notifications. */
  epoch(): string;
  /** The room in the stream of the topics. */
  readonly room: Pick<StreamRoom, "reserve">;
}

/**
 * A reader needs the topics, because it takes the server 40 ms to search 100,000 targets for all subjects of one, but
 * 0.05 ms to read a known subject.
 */
export class Topics {
  readonly #link: NatsLink;
  readonly #options: TopicsOptions;
  readonly #ofEveryone = new SharedRequests<StoredRecord>();

  constructor(link: NatsLink, options: TopicsOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** The topics of the target (null: of everyone, for which many may ask at the same time). */
  async read(target: string | null): Promise<{ topics: readonly string[]; completeAfter: number }> {
    const { record } = target === null
      ? await this.#ofEveryone.ask("", () => this.#read(null))
      : await this.#read(target);
    return { topics: record.topics.map(([topic]) => topic), completeAfter: this.#completeAfter(record) };
  }

  /** Records topics of the target, before notifications of these topics are stored. Rejects if there is no room. */
  async record(
    target: string | null,
    { topics, now }: { topics: readonly string[]; now: number },
  ): Promise<void> {
    const { renewMs, max, head } = this.#options;
    for (;;) {
      const { record, sequence, bytes } = await this.#read(target);
      const recent = new Set(record.topics.filter(([, at]) => at + renewMs > now).map(([topic]) => topic));
      if (topics.every((topic) => recent.has(topic))) return;
      const others = record.topics.filter(([topic, at]) => !topics.includes(topic) && at + 2 * renewMs > now);
      const all = [...others, ...topics.map((topic) => [topic, now] as const)];
      const newest = all.slice(-max);
      const completeAfter = newest.length < all.length ? await head() : this.#completeAfter(record);
      const next = { record: { topics: newest, completeAfter }, sequence };
      this.#reserve(target, { record: next.record, bytes });
      if (await this.#write(target, next)) return;
    }
  }

  /**
   * Records that a connection that has read less than `completeAfter` may have missed something of the target. Its topics
   * have to be recorded again before they are used, and go then. Until then they stay, because somebody may be about to
   * store a notification that is found by one of them.
   */
  async erase(
    target: string,
    { completeAfter, now }: { completeAfter: number; now: number },
  ): Promise<void> {
    const { renewMs } = this.#options;
    for (;;) {
      const { record, sequence, bytes } = await this.#read(target);
      const topics = record.topics.map(([topic, at]) => [topic, Math.min(at, now - renewMs)] as const);
      const next = { topics, completeAfter };
      this.#reserve(target, { record: next, bytes });
      if (await this.#write(target, { record: next, sequence })) return;
    }
  }

  /** Records that topics of any target may have been lost. The record for everyone concerns every connection. */
  async recordLoss(): Promise<void> {
    for (;;) {
      const { record: { topics }, sequence } = await this.#read(null);
      const completeAfter = await this.#options.head();
      if (await this.#write(null, { record: { topics, completeAfter }, sequence })) return;
    }
  }

  /** 0 if the record is from the time of another stream, whose sequence numbers mean nothing in this one. */
  #completeAfter({ completeAfter, epoch = this.#options.epoch() }: TopicRecord): number {
    return epoch === this.#options.epoch() ? completeAfter : 0;
  }

  #subject(target: string | null): string {
    return `${this.#options.stream}.topics.${target === null ? "e" : `t.${encodeToken(target)}`}`;
  }

  /** A record that is damaged is replaced by one that says so: any topic of the target may have been lost. */
  async #read(target: string | null): Promise<StoredRecord> {
    const stream = topicsStream(this.#options.stream), subject = this.#subject(target);
    for (;;) {
      const message = await this.#link.manager.streams.getMessage(stream, { last_by_subj: subject });
      if (message === null) return NO_RECORD;
      const { seq: sequence, data } = message, record = parseRecord(message.string());
      if (record !== undefined) return { record, sequence, bytes: messageBytes(subject, data.length) };
      const completeAfter = await this.#options.head();
      await this.#write(target, { record: { topics: [], completeAfter }, sequence });
    }
  }

  /** @throws {Error} if there is no room for what the record takes more than the one before, which takes `bytes` */
  #reserve(target: string | null, { record, bytes }: Omit<StoredRecord, "sequence">): void {
    const { stream, room } = this.#options;
    const next = messageBytes(this.#subject(target), Buffer.byteLength(this.#encode(record)));
    if (!room.reserve(next - bytes)) {
      throw new Error(`the stream ${topicsStream(stream)} has no room for more topics`);
    }
  }

  #encode(record: TopicRecord): string {
    return JSON.stringify({ ...record, epoch: this.#options.epoch() });
  }

  /** Resolves to false if another node wrote the record after `sequence`. */
  async #write(
    target: string | null,
    { record, sequence }: Omit<StoredRecord, "bytes">,
  ): Promise<boolean> {
    const subject = this.#subject(target), payload = this.#encode(record);
    return await publishAfter(this.#link, { subject, payload, last: sequence }) !== null;
  }
}

/** Undefined if it is not what a node has stored. */
function parseRecord(text: string): TopicRecord | undefined {
  try {
    const { data } = TopicRecord.safeParse(JSON.parse(text));
    return data;
  } catch {
    return undefined;
  }
}
