/** Ephemeral consumers, which read many messages in one request from any server that has the stream. */

import { AckPolicy, type Consumer, type ConsumerInfo, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import type { NatsLink } from "./link.ts";
import type { NextMessageQuery } from "./next_message.ts";
import { within } from "../async/within.ts";

/** The messages to read, from a sequence number on. */
export interface EphemeralConsumerOptions extends NextMessageQuery {
  /** Leaves out the payloads. */
  readonly headersOnly?: boolean;
}

export interface EphemeralTimeouts {
  /** How long a server may take to create a consumer. */
  readonly createMs?: number;
  /** How long no consumer is requested after one did not answer. */
  readonly cooldownMs?: number;
}

const CREATE_MS = 500; // a healthy server takes 3
const COOLDOWN_MS = 10_000; // with one server of three down, a third of the requests would time out
const FETCH_MS = 2_000;
const INACTIVE_MS = 5_000;
const MAX_BATCH_BYTES = 256 * 1024; // more than a page of 64 KiB, and than any one notification
const MAX_BATCH = 512;

/**
 * The server places a consumer on a random replica, even on one that is down (NATS 2.9.10); requests to such a consumer
 * are never answered. So every caller must also work without one, by reading single messages from the leader.
 */
export class EphemeralConsumers {
  readonly #link: NatsLink;
  readonly #createMs: number;
  readonly #cooldownMs: number;
  #avoidedUntil = -Infinity;

  constructor(link: NatsLink, { createMs = CREATE_MS, cooldownMs = COOLDOWN_MS }: EphemeralTimeouts = {}) {
    this.#link = link;
    this.#createMs = createMs;
    this.#cooldownMs = cooldownMs;
  }

  /** Resolves with null if no consumer is available at the moment. */
  async open(options: EphemeralConsumerOptions): Promise<EphemeralConsumer | null> {
    if (performance.now() < this.#avoidedUntil) return null;
    let info: ConsumerInfo | undefined;
    const creating = this.#create(options).then((created) => info = created, () => {});
    await within(creating, { ms: this.#createMs });
    if (info === undefined) {
      this.#startCooldown();
      return null;
    }
    return new EphemeralConsumer(this.#link.jetstream.consumers.getConsumerFromInfo(info), {
      from: options.from,
      pending: info.num_pending,
      onSilence: () => this.#startCooldown(),
    });
  }

  #startCooldown(): void {
    this.#avoidedUntil = performance.now() + this.#cooldownMs;
  }

  async #create(
    { stream, subject, from, headersOnly = false }: EphemeralConsumerOptions,
  ): Promise<ConsumerInfo> {
    return await this.#link.manager.consumers.add(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      filter_subject: subject,
      headers_only: headersOnly,
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(INACTIVE_MS),
      mem_storage: true,
      num_replicas: 1,
    });
  }
}

/** One consumer. A server that lags behind the leader may lack messages, and then also starts with earlier ones. */
export class EphemeralConsumer implements AsyncDisposable {
  /** The number of messages to read when the consumer was created. */
  readonly pending: number;
  readonly #consumer: Consumer;
  readonly #from: number;
  readonly #onSilence: () => void;
  #isResponsive = true;

  /** @param onSilence called when pending messages do not arrive */
  constructor(
    consumer: Consumer,
    { from, pending, onSilence }: { from: number; pending: number; onSilence: () => void },
  ) {
    this.#consumer = consumer;
    this.#from = from;
    this.pending = pending;
    this.#onSilence = onSilence;
  }

  /** The pending messages. Ends early if the server stops answering. */
  async *messages(): AsyncGenerator<JsMsg, undefined> {
    let batch = 1;
    for (let left = this.pending; left > 0;) {
      const expected = Math.min(left, batch);
      let count = 0, bytes = 0;
      try {
        const fetched = await this.#consumer.fetch({ max_messages: expected, expires: FETCH_MS, bind: true });
        for await (const message of fetched) {
          count++;
          bytes += message.data.length;
          if (message.seq >= this.#from) yield message;
        }
      } catch {
        count = 0; // the consumer's server is gone
      }
      if (count === 0) {
        this.#isResponsive = false;
        this.#onSilence();
        return;
      }
      left -= count;
      batch = Math.min(Math.max(1, Math.floor(expected * MAX_BATCH_BYTES / bytes)), MAX_BATCH);
    }
  }

  /** A consumer that does not answer is not deleted: the server removes it when it has been inactive for a while. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isResponsive) await this.#consumer.delete().catch(() => {});
  }
}
