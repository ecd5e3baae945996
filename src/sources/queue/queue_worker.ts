/** The queue worker: a source that pulls messages from a JetStream stream, and acks each when the journal has it. */

import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { NatsLink } from "../../nats/link.ts";
import type { NatsUrl } from "../../nats/nats_url.ts";
import { plainCause, plainMessage } from "../../nats/plain_message.ts";
import { pause } from "../../async/pause.ts";
import { within } from "../../async/within.ts";
import { createDeadLetterStore } from "./dead_letters.ts";
import { FillWarning } from "./fill_warning.ts";
import { createQueueHandler, type QueueHandler, type QueueHandlerDeps } from "./handler.ts";
import { SkippedMessages } from "./skipped_messages.ts";
import { CONSUMER, type EnsuredQueue, ensureQueue, type QueueStreamOptions } from "./stream.ts";

/** `report` is also called with errors that keep the worker from reading the queue. */
export interface QueueWorkerDeps extends Pick<QueueHandlerDeps, "intake" | "report" | "log" | "metrics"> {
  readonly limits?: QueueLimits;
}

/** Limits that are not configurable. */
export interface QueueLimits extends Pick<QueueStreamOptions, "ackWaitMs" | "maxUnacked"> {
  /** The largest number of messages in flight, each as large as the server allows: 1 MiB by default. */
  readonly messages: number;
  /** How long a pull waits for messages, and therefore closing too. The library requires at least a second. */
  readonly expiresMs: number;
  /** Delay before the queue is opened again after an error, and before a message is repeated. */
  readonly retryMs: number;
  /** Timeout of a request to NATS. */
  readonly requestMs: number;
  /** Interval between looks at how full the queue is, and for messages that the consumer skips. */
  readonly checkMs: number;
}

export const QUEUE_LIMITS: QueueLimits = {
  messages: 64,
  ackWaitMs: 30_000,
  maxUnacked: 4_096,
  expiresMs: 1_000,
  retryMs: 1_000,
  requestMs: 5_000,
  checkMs: 10_000,
};

const CREATED_AGAIN = {
  "stream": "the queue {stream} was missing in NATS and was created again; messages that it held are lost",
  "consumer": "the consumer of the queue {stream} was missing in NATS and was created again",
};

/**
 * Every message is handled at least once. A repeat is recognised by the id of its notifications, or otherwise by the
 * message's key. The order is not kept, because several messages are in flight and others overtake one that is repeated.
 */
export class QueueWorker {
  readonly #link: NatsLink;
  readonly #queue: QueueStreamOptions;
  readonly #handle: QueueHandler;
  readonly #report: QueueWorkerDeps["report"];
  readonly #log: QueueWorkerDeps["log"];
  readonly #limits: QueueLimits;
  readonly #skipped: SkippedMessages;
  readonly #fill: FillWarning;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #consumer: Consumer;
  #pauseMs = 0;
  #nextCheck = 0; // a time of performance.now()

  private constructor(
    { link, queue, consumer }: { link: NatsLink; queue: QueueStreamOptions; consumer: Consumer },
    { intake, report, log, metrics, limits = QUEUE_LIMITS }: QueueWorkerDeps,
  ) {
    this.#link = link;
    this.#queue = queue;
    this.#consumer = consumer;
    this.#report = report;
    this.#log = log;
    this.#limits = limits;
    this.#skipped = new SkippedMessages(link, queue.stream);
    this.#fill = new FillWarning(link, { stream: queue.stream, log });
    const storeDeadLetter = createDeadLetterStore(link, queue.stream);
    const pause = (ms: number) => void (this.#pauseMs = Math.max(this.#pauseMs, ms));
    const { retryMs } = limits;
    this.#handle = createQueueHandler({ intake, storeDeadLetter, report, log, metrics, pause, retryMs });
    this.#running = this.#run();
  }

  /** Rejects if NATS cannot be reached, or has a stream or consumer of that name with another configuration. */
  static async open(url: NatsUrl, deps: QueueWorkerDeps): Promise<QueueWorker> {
    const { limits: { retryMs, requestMs, ackWaitMs, maxUnacked } = QUEUE_LIMITS, report } = deps;
    const link = await NatsLink.open(url, { name: "tidings queue", retryMs, requestMs, report });
    const queue = { stream: url.stream, replicas: url.replicas, ackWaitMs, maxUnacked };
    try {
      const { consumer } = await ensureQueue(link, queue);
      return new QueueWorker({ link, queue, consumer }, deps);
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  /** Pulls no more, and resolves when the last pull is over and all messages in flight have their answer. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all(this.#inFlight);
    const { connection, isUp } = this.#link;
    if (isUp) await within(connection.flush().catch(this.#report), { ms: this.#limits.requestMs });
    await this.#link.close();
  }

  async #run(): Promise<void> {
    while (await this.#hasRoom()) {
      try {
        await this.#pull();
        if (performance.now() >= this.#nextCheck) await this.#check();
      } catch (reason) {
        await this.#reopen(reason);
      }
    }
  }

  /** Resolves to true when there is room for more messages, and to false if the worker is being closed. */
  async #hasRoom(): Promise<boolean> {
    while (this.#inFlight.size > this.#limits.messages / 2) await Promise.race(this.#inFlight);
    const ms = this.#pauseMs;
    this.#pauseMs = 0;
    if (ms > 0) await pause(ms, this.#stop.signal);
    return !this.#stop.signal.aborted;
  }

  /** A pull expires soon by itself, so that closing can wait for it and loses no message that is on its way. */
  async #pull(): Promise<void> {
    if (!this.#link.isUp) throw new Error("the connection to NATS is down");
    const { messages, expiresMs: expires } = this.#limits;
    const max_messages = messages - this.#inFlight.size;
    const pulled = await this.#consumer.fetch({ max_messages, expires, bind: true });
    using _listening = this.#link.addListener({
      onDown: () => pulled.stop(new Error("the connection to NATS was lost")),
    });
    for await (const message of pulled) this.#start(message);
  }

  async #check(): Promise<void> {
    this.#nextCheck = performance.now() + this.#limits.checkMs;
    await this.#fill.check();
    if (await this.#skipped.detected()) await this.#replaceConsumer();
  }

  /** A new consumer delivers everything that is stored. What is in flight is recognised as a repeat. */
  async #replaceConsumer(): Promise<void> {
    const { stream } = this.#queue;
    await this.#link.manager.consumers.delete(stream, CONSUMER);
    this.#consumer = (await ensureQueue(this.#link, this.#queue)).consumer;
    this.#log.warn("the queue {stream} was rolled back in NATS; its consumer was created again", { stream });
  }

  #start(message: JsMsg): void {
    const handling = this.#handle(message)
      .catch(this.#report)
      .finally(() => this.#inFlight.delete(handling));
    this.#inFlight.add(handling);
  }

  /** Resolves when the queue exists again, which it creates if need be. Reports the same error only once in a row. */
  async #reopen(reason: unknown): Promise<void> {
    const { stream } = this.#queue;
    const report = (error: unknown) =>
      this.#report(new Error(`cannot read the queue ${stream}: ${plainMessage(error)}`, plainCause(error)));
    report(reason);
    for (let last = plainMessage(reason); !this.#stop.signal.aborted;) {
      await pause(this.#limits.retryMs, this.#stop.signal);
      if (!this.#link.isUp || this.#stop.signal.aborted) continue;
      try {
        const { consumer, created } = await ensureQueue(this.#link, this.#queue);
        this.#consumer = consumer;
        this.#logCreation(created);
        return;
      } catch (error) {
        if (plainMessage(error) !== last) report(error);
        last = plainMessage(error);
      }
    }
  }

  #logCreation(created: EnsuredQueue["created"]): void {
    if (created !== "nothing") this.#log.warn(CREATED_AGAIN[created], { stream: this.#queue.stream });
  }
}
