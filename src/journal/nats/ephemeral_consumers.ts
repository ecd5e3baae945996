/** Ephemeral consumers: each reads many messages at once, on one of the servers that have the stream. */

import { AckPolicy, type Consumer, type ConsumerInfo, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import type { NextOn } from "../../nats/next_message.ts";
import { within } from "../../async/within.ts";

/** What is to be read, from which sequence number on. */
export interface EphemeralConsumerOptions extends NextOn {
  /** Only what the messages are called, not what is in them. */
  readonly headersOnly?: boolean;
}

/** How long one that does not answer is waited for, and how long none is asked for after that. */
export interface EphemeralTimeouts {
  readonly answerMs?: number;
  readonly avoidMs?: number;
}

const ANSWER_MS = 500; // one that is well takes 3
const AVOID_MS = 10_000; // of each, a third would be waited for in vain
const COMES_MS = 2_000;
const UNUSED_MS = 5_000;
const BYTES_AT_ONCE = 256 * 1024; // of a page of 64 KiB, and of any one notification
const MAX_AT_ONCE = 512;

/**
 * The server chooses at random which of them has it, also one that is down (2.9.10), and a request for it is then never
 * answered. So whoever wants one has to do without as well, and ask the leader for one message after the other.
 */
export class EphemeralConsumers {
  readonly #link: NatsLink;
  readonly #answerMs: number;
  readonly #avoidMs: number;
  #avoidedUntil = -Infinity;

  constructor(link: NatsLink, { answerMs = ANSWER_MS, avoidMs = AVOID_MS }: EphemeralTimeouts = {}) {
    this.#link = link;
    this.#answerMs = answerMs;
    this.#avoidMs = avoidMs;
  }

  /** Null: there is none to be had now. */
  async open(needs: EphemeralConsumerOptions): Promise<EphemeralConsumer | null> {
    if (performance.now() < this.#avoidedUntil) return null;
    let info: ConsumerInfo | undefined;
    const adding = this.#add(needs).then((added) => info = added, () => {});
    await within(adding, { ms: this.#answerMs });
    if (info === undefined) {
      this.#avoid();
      return null;
    }
    return new EphemeralConsumer(this.#link.jetstream.consumers.getConsumerFromInfo(info), {
      from: needs.from,
      pending: info.num_pending,
      silent: () => this.#avoid(),
    });
  }

  #avoid(): void {
    this.#avoidedUntil = performance.now() + this.#avoidMs;
  }

  async #add(
    { stream, subject, from, headersOnly = false }: EphemeralConsumerOptions,
  ): Promise<ConsumerInfo> {
    return await this.#link.manager.consumers.add(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      filter_subject: subject,
      headers_only: headersOnly,
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(UNUSED_MS),
      mem_storage: true,
      num_replicas: 1,
    });
  }
}

/** One of them. Its server may lag behind the leader: it may have too little, and then starts too early as well. */
export class EphemeralConsumer implements AsyncDisposable {
  /** How many there were to read when it was made. */
  readonly pending: number;
  readonly #consumer: Consumer;
  readonly #from: number;
  readonly #silent: () => void;
  #answers = true;

  /** @param silent told when what it has does not come */
  constructor(
    consumer: Consumer,
    { from, pending, silent }: { from: number; pending: number; silent: () => void },
  ) {
    this.#consumer = consumer;
    this.#from = from;
    this.pending = pending;
    this.#silent = silent;
  }

  /** Those that were pending, as far as they come. */
  async *messages(): AsyncGenerator<JsMsg, undefined> {
    let atOnce = 1;
    for (let left = this.pending; left > 0;) {
      const expected = Math.min(left, atOnce);
      let count = 0, bytes = 0;
      try {
        const fetched = await this.#consumer.fetch({ max_messages: expected, expires: COMES_MS, bind: true });
        for await (const message of fetched) {
          count++;
          bytes += message.data.length;
          if (message.seq >= this.#from) yield message;
        }
      } catch {
        count = 0; // its server has ended
      }
      if (count === 0) {
        this.#answers = false;
        this.#silent();
        return;
      }
      left -= count;
      atOnce = Math.min(Math.max(1, Math.floor(expected * BYTES_AT_ONCE / bytes)), MAX_AT_ONCE);
    }
  }

  /** If nobody answers, it goes by itself, a little later. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#answers) await this.#consumer.delete().catch(() => {});
  }
}
