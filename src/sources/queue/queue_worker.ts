/** The queue worker, a source: takes what backends put into a JetStream stream, and acks it when it is kept. */

import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { NatsLink } from "../../nats/link.ts";
import type { NatsUrl } from "../../nats/nats_url.ts";
import { within } from "../../async/within.ts";
import { deadLetters } from "./dead_letters.ts";
import { ensureQueue, type QueueStreamOptions } from "./stream.ts";
import { type QueueWork, queueWork, type QueueWorkDeps } from "./work.ts";

/** What the worker is made of. `report` is told as well what keeps the queue from being read. */
export interface QueueWorkerDeps extends Pick<QueueWorkDeps, "intake" | "report" | "log"> {
  readonly limits?: QueueLimits;
}

/** What nobody has had a reason to configure. */
export interface QueueLimits extends Pick<QueueStreamOptions, "ackWaitMs" | "maxUnacked"> {
  /** At most so many are being taken at once, each as large as the server lets it be: 1 MiB, unless configured. */
  readonly messages: number;
  /** How long a pull lasts if little comes, and so closing; a second at least, says the library. */
  readonly expiresMs: number;
  /** Before the queue is looked for again, and before a message is repeated. */
  readonly retryMs: number;
  readonly requestMs: number;
}

export const QUEUE_LIMITS: QueueLimits = {
  messages: 64,
  ackWaitMs: 30_000,
  maxUnacked: 4_096,
  expiresMs: 1_000,
  retryMs: 1_000,
  requestMs: 5_000,
};

/**
 * Every message is taken at least once, and by the id of its notifications, or by what names the message, is known
 * when it comes again. No order is kept: several are taken at once, and one that is repeated is overtaken.
 */
export class QueueWorker {
  readonly #link: NatsLink;
  readonly #queue: QueueStreamOptions;
  readonly #work: QueueWork;
  readonly #report: QueueWorkerDeps["report"];
  readonly #limits: QueueLimits;
  readonly #inHand = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #consumer: Consumer;
  #pauseMs = 0;

  private constructor(
    { link, queue, consumer }: { link: NatsLink; queue: QueueStreamOptions; consumer: Consumer },
    { intake, report, log, limits = QUEUE_LIMITS }: QueueWorkerDeps,
  ) {
    this.#link = link;
    this.#queue = queue;
    this.#consumer = consumer;
    this.#report = report;
    this.#limits = limits;
    const keepDead = deadLetters(link, queue.stream);
    const pause = (ms: number) => void (this.#pauseMs = Math.max(this.#pauseMs, ms));
    this.#work = queueWork({ intake, keepDead, report, log, pause, retryMs: limits.retryMs });
    this.#running = this.#run();
  }

  /** Rejects if NATS cannot be reached, or has something there that is no such queue. */
  static async open(place: NatsUrl, deps: QueueWorkerDeps): Promise<QueueWorker> {
    const { limits: { retryMs, requestMs, ackWaitMs, maxUnacked } = QUEUE_LIMITS, report } = deps;
    const link = await NatsLink.open(place, { name: "tidings queue", retryMs, requestMs, report });
    const queue = { stream: place.stream, replicas: place.replicas, ackWaitMs, maxUnacked };
    try {
      const consumer = await ensureQueue(link, queue);
      return new QueueWorker({ link, queue, consumer }, deps);
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  /** Asks for no more, and resolves when the last pull is over and what came is kept and acked, or given back. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all(this.#inHand);
    const { connection, isUp } = this.#link;
    if (isUp) await within(connection.flush().catch(this.#report), { ms: this.#limits.requestMs });
    await this.#link.close();
  }

  async #run(): Promise<void> {
    while (await this.#hasRoom()) {
      try {
        await this.#pull();
      } catch (reason) {
        await this.#mend(reason);
      }
    }
  }

  /** Resolves when enough can be taken, to false if it has been stopped. */
  async #hasRoom(): Promise<boolean> {
    while (this.#inHand.size > this.#limits.messages / 2) await Promise.race(this.#inHand);
    const ms = this.#pauseMs;
    this.#pauseMs = 0;
    if (ms > 0) await this.#wait(ms);
    return !this.#stop.signal.aborted;
  }

  /** It ends by itself soon, so that none is on its way when it does. */
  async #pull(): Promise<void> {
    if (!this.#link.isUp) throw new Error("the connection to NATS is down");
    const { messages, expiresMs: expires } = this.#limits;
    const max_messages = messages - this.#inHand.size;
    const pulled = await this.#consumer.fetch({ max_messages, expires, bind: true });
    using _told = this.#link.tell({ down: () => pulled.stop(new Error("the connection to NATS was lost")) });
    for await (const message of pulled) this.#take(message);
  }

  #take(message: JsMsg): void {
    const work = this.#work(message).catch(this.#report).finally(() => this.#inHand.delete(work));
    this.#inHand.add(work);
  }

  /** Resolves when the queue is there again, or made again. Says what is in the way, and not every time. */
  async #mend(reason: unknown): Promise<void> {
    const { stream } = this.#queue;
    this.#report(new Error(`the queue ${stream} cannot be read`, { cause: reason }));
    for (let last = ""; !this.#stop.signal.aborted;) {
      await this.#wait(this.#limits.retryMs);
      if (!this.#link.isUp || this.#stop.signal.aborted) continue;
      try {
        this.#consumer = await ensureQueue(this.#link, this.#queue);
        return;
      } catch (error) {
        if (String(error) !== last) this.#report(error);
        last = String(error);
      }
    }
  }

  async #wait(ms: number): Promise<void> {
    await within(new Promise(() => {}), { ms, signal: this.#stop.signal });
  }
}
