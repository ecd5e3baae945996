/** The queue worker, a source: takes what backends put into a JetStream stream, and acks it when it is kept. */

import { NatsLink } from "../nats/link.ts";
import type { NatsPlace } from "../nats/place.ts";
import { until } from "../until.ts";
import { deadLetters } from "./dead_letters.ts";
import { Load } from "./queue_load.ts";
import type { QueueMessage } from "./queue_message.ts";
import { pull } from "./queue_pull.ts";
import { CONSUMER, ensureQueue, type QueueStreamOptions } from "./queue_stream.ts";
import { type QueueWork, queueWork, type QueueWorkParts } from "./queue_work.ts";

/** What the worker is made of. `report` is told as well what keeps the queue from being read. */
export interface QueueParts extends Pick<QueueWorkParts, "take" | "report" | "log"> {
  readonly limits?: QueueLimits;
}

/** What nobody has had a reason to configure. */
export interface QueueLimits extends Pick<QueueStreamOptions, "ackWaitMs" | "maxUnacked"> {
  /** At most so many messages and bytes are being taken at once, or one message of any size. */
  readonly messages: number;
  readonly bytes: number;
  /** How long a pull lasts if little comes, and how often something is to be heard of it. */
  readonly expiresMs: number;
  readonly heartbeatMs: number;
  /** Before the queue is looked for again, and before a message is repeated. */
  readonly retryMs: number;
  readonly requestMs: number;
}

export const QUEUE_LIMITS: QueueLimits = {
  messages: 64,
  bytes: 1024 * 1024,
  ackWaitMs: 30_000,
  maxUnacked: 4_096,
  expiresMs: 30_000,
  heartbeatMs: 2_000,
  retryMs: 1_000,
  requestMs: 5_000,
};

const NOTHING = { messages: 0, bytes: 0 };

/**
 * Every message is taken at least once, and by the id of its notifications, or by what names the message, is known
 * when it comes again. No order is kept: several are taken at once, and one that is repeated is overtaken.
 */
export class QueueWorker {
  readonly #link: NatsLink;
  readonly #queue: QueueStreamOptions;
  readonly #work: QueueWork;
  readonly #report: QueueParts["report"];
  readonly #limits: QueueLimits;
  readonly #load = new Load();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #pauseMs = 0;

  private constructor(
    { link, queue }: { link: NatsLink; queue: QueueStreamOptions },
    { take, report, log, limits = QUEUE_LIMITS }: QueueParts,
  ) {
    this.#link = link;
    this.#queue = queue;
    this.#report = report;
    this.#limits = limits;
    const keepDead = deadLetters(link, queue.stream);
    const pause = (ms: number) => void (this.#pauseMs = Math.max(this.#pauseMs, ms));
    this.#work = queueWork({ take, keepDead, report, log, pause, retryMs: limits.retryMs });
    this.#running = this.#run();
  }

  /** Rejects if NATS cannot be reached, or has something there that is no such queue. */
  static async open(place: NatsPlace, parts: QueueParts): Promise<QueueWorker> {
    const { limits: { retryMs, requestMs, ackWaitMs, maxUnacked } = QUEUE_LIMITS, report } = parts;
    const link = await NatsLink.open(place, { name: "tidings queue", retryMs, requestMs, report });
    const queue = { stream: place.stream, replicas: place.replicas, ackWaitMs, maxUnacked };
    try {
      await ensureQueue(link, queue);
    } catch (error) {
      await link.close();
      throw error;
    }
    return new QueueWorker({ link, queue }, parts);
  }

  /** Takes no more, and resolves when what it has is kept and acked, or given back. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#load.atMost(NOTHING);
    const { connection, isUp } = this.#link;
    if (isUp) await until(connection.flush().catch(this.#report), { ms: this.#limits.requestMs });
    await this.#link.close();
  }

  async #run(): Promise<void> {
    const { messages, bytes, expiresMs, heartbeatMs } = this.#limits;
    const { signal } = this.#stop;
    const half = { messages: Math.floor(messages / 2), bytes: Math.floor(bytes / 2) };
    const take = (message: QueueMessage) => this.#receive(message);
    const asked = { stream: this.#queue.stream, consumer: CONSUMER, expiresMs, heartbeatMs, signal, take };
    for (let isLarge = false; !signal.aborted;) {
      await this.#load.atMost(isLarge ? NOTHING : half);
      await this.#pause();
      const free = { messages: messages - this.#load.messages, bytes: bytes - this.#load.bytes };
      const end = await pull(this.#link, { ...asked, ...isLarge ? { messages: 1, bytes: null } : free });
      isLarge = end === "too-large";
      if (end instanceof Error) await this.#mend(end);
    }
  }

  #receive(message: QueueMessage): void {
    if (this.#stop.signal.aborted) message.nak();
    else this.#load.carry(message.size, this.#work(message).catch(this.#report));
  }

  /** The queue is asked for nothing while nothing can be taken: another node may have it. */
  async #pause(): Promise<void> {
    const ms = this.#pauseMs;
    this.#pauseMs = 0;
    if (ms > 0) await this.#wait(ms);
  }

  /** Resolves when the queue is there again, or made again. Says what is in the way, and not every time. */
  async #mend(reason: Error): Promise<void> {
    this.#report(reason);
    for (let last = ""; !this.#stop.signal.aborted;) {
      await this.#wait(this.#limits.retryMs);
      if (!this.#link.isUp || this.#stop.signal.aborted) continue;
      try {
        return await ensureQueue(this.#link, this.#queue);
      } catch (error) {
        if (String(error) !== last) this.#report(error);
        last = String(error);
      }
    }
  }

  async #wait(ms: number): Promise<void> {
    await until(new Promise(() => {}), { ms, signal: this.#stop.signal });
  }
}
