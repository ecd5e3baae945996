/** The reader: what is stored on one subject after a place, and whether something was crowded out there before. */

import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import { headers, type MsgHdrs, nanos } from "@nats-io/nats-core";
import type { NatsLink } from "../nats/link.ts";
import type { Entry } from "./journal.ts";
import { entryIn, incoming, PLAIN } from "./nats_message.ts";

/** An entry, and its place in the stream. */
export type Stored = Entry & { readonly sequence: number };

/** Of whom (null: everyone) which notifications. */
export interface Shelf {
  readonly target: string | null;
  readonly lastToken: string;
}

export interface ReaderOptions {
  readonly stream: string;
  readonly perTarget: number;
  readonly retentionSeconds: number;
  epoch(): string;
}

const ONE_BY_ONE = 4; // 0.2 ms each; a consumer takes 3 ms before it gives its first
const BYTES_AT_ONCE = 256 * 1024; // of a page of 64 KiB, and of any one notification
const MOST_AT_ONCE = 512;
const UNUSED_MS = 5_000;

/** The leader of the stream has the last word: it alone has certainly stored what it has sent. */
export class Reader {
  readonly #link: NatsLink;
  readonly #options: ReaderOptions;

  constructor(link: NatsLink, options: ReaderOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** The plain notifications of a target after a place, oldest first. There are no more when the leader says so. */
  async *after(target: string | null, sequence: number): AsyncGenerator<Stored, undefined> {
    const shelf = { target, lastToken: PLAIN };
    for (let last = sequence;;) {
      for (let count = 0; count < ONE_BY_ONE; count++) {
        const stored = await this.#next(shelf, last + 1);
        if (stored === null) return;
        yield stored;
        last = stored.sequence;
      }
      for await (const stored of this.#many(shelf, last + 1)) {
        yield stored;
        last = stored.sequence;
      }
    }
  }

  /** The newest notification of a topic, if it comes after the place. */
  async newestOf(shelf: Shelf, sequence: number): Promise<Stored | null> {
    const stored = await this.#link.manager.streams.getMessage(this.#options.stream, {
      last_by_subj: this.#subject(shelf),
    });
    return stored === null || stored.seq <= sequence ? null : this.#entry(shelf, stored);
  }

  /** The latest place up to which plain notifications of the target were crowded out after that place; 0: none. */
  async crowdedThrough(target: string | null, sequence: number): Promise<number> {
    const shelf = { target, lastToken: PLAIN };
    const oldest = await this.#next(shelf, 1);
    if (oldest === null || oldest.sequence <= sequence) return 0;
    return await this.#count(shelf) > this.#options.perTarget ? oldest.sequence : 0;
  }

  /** A consumer says how many there are in 0.4 ms; the stream itself takes 40 with 100,000 targets. */
  async #count(shelf: Shelf): Promise<number> {
    const { name, num_pending } = await this.#consumer(shelf, 1);
    await this.#link.manager.consumers.delete(this.#options.stream, name);
    return num_pending;
  }

  async #next(shelf: Shelf, from: number): Promise<Stored | null> {
    const query = { seq: from, next_by_subj: this.#subject(shelf) }; // the library's type knows only the first
    const stored = await this.#link.manager.streams.getMessage(this.#options.stream, query);
    return stored && this.#entry(shelf, stored);
  }

  /**
   * By a consumer, which any of the servers may have that have the stream: there the newest may be missing still, and
   * one that is to start after what is there starts with what comes next.
   */
  async *#many(shelf: Shelf, from: number): AsyncGenerator<Stored, undefined> {
    const info = await this.#consumer(shelf, from);
    const consumer = this.#link.jetstream.consumers.getConsumerFromInfo(info);
    try {
      let atOnce = 1;
      for (let left = info.num_pending; left > 0;) {
        const expected = Math.min(left, atOnce);
        let bytes = 0;
        for await (
          const message of await consumer.fetch({ max_messages: expected, expires: UNUSED_MS, bind: true })
        ) {
          left--;
          bytes += message.data.length;
          const { seq, headers: header, data } = message;
          if (seq >= from) yield this.#entry(shelf, { seq, header, data });
        }
        if (bytes === 0) throw new Error(`${left} messages of ${this.#options.stream} do not come`);
        atOnce = Math.min(Math.max(1, Math.floor(expected * BYTES_AT_ONCE / bytes)), MOST_AT_ONCE);
      }
    } finally {
      await consumer.delete().catch(() => {}); // it goes by itself, a little later
    }
  }

  #subject({ target, lastToken }: Shelf): string {
    return incoming(this.#options.stream, target, lastToken);
  }

  #entry(
    shelf: Shelf,
    { seq: sequence, header = headers(), data }: {
      seq: number;
      header: MsgHdrs | undefined;
      data: Uint8Array;
    },
  ): Stored {
    const { epoch, retentionSeconds } = this.#options;
    return entryIn({ ...shelf, sequence, header, data }, { epoch: epoch(), retentionSeconds });
  }

  async #consumer(shelf: Shelf, from: number) {
    return await this.#link.manager.consumers.add(this.#options.stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      filter_subject: this.#subject(shelf),
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(UNUSED_MS),
      mem_storage: true,
      num_replicas: 1,
    });
  }
}
