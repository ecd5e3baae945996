/** Delivers messages from browsers to the application's webhook, each at least once. */

import type { ApplicationMessage } from "../dispatch.ts";
import { toRfc3339 } from "../../wire/rfc3339.ts";
import { type Attempt, createAttempt, type Endpoint, type Outcome, type TracedEnvelope } from "./attempt.ts";
import { Backlog, type BacklogLimits } from "./backlog.ts";
import { MAX_ATTEMPTS, retryDelayMs } from "./retry_schedule.ts";

export interface MessageWebhookDeps {
  /** How many undelivered messages are kept. */
  readonly backlog: BacklogLimits;
  readonly log: Record<"debug" | "error", (message: string, properties: Record<string, unknown>) => void>;
  readonly metrics: {
    /** Called when it was tried to deliver a message. */
    webhookAttempted(outcome: Outcome["kind"]): void;
    /** Called with the number of messages that are given up, or dropped because the application wants no more. */
    webhookLost(messages: number): void;
  };
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Returns a number from 0 to 1. */
  readonly random?: () => number;
}

interface WebhookDelivery extends TracedEnvelope {
  readonly target: string;
  /** The number of attempts so far, all of which have failed. */
  readonly failures: number;
}

const MAX_IN_FLIGHT = 8;

/**
 * Messages are delivered in no particular order, and the targets take turns. A message that waits for a retry uses only its room in the backlog, so
 * messages that the application cannot process do not delay the others.
 */
export class MessageWebhook {
  readonly #attempt: Attempt;
  readonly #log: MessageWebhookDeps["log"];
  readonly #metrics: MessageWebhookDeps["metrics"];
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #backlog: Backlog<WebhookDelivery>;
  /** The maximum number of undelivered messages. */
  readonly capacity: number;
  readonly #stop = new AbortController();
  #isDisabled = false; // the application has answered 410
  #dropped = 0;
  #undelivered = 0;

  constructor(
    endpoint: Endpoint,
    { backlog, log, metrics, fetch = globalThis.fetch, now = () => Date.now(), random = Math.random }:
      MessageWebhookDeps,
  ) {
    this.#attempt = createAttempt(endpoint, { fetch, now });
    this.#log = log;
    this.#metrics = metrics;
    this.capacity = backlog.capacity;
    this.#now = now;
    this.#random = random;
    this.#backlog = new Backlog(backlog);
  }

  /** The number of undelivered messages: those that are queued, in flight, or waiting for a retry. */
  get size(): number {
    return this.#backlog.size;
  }

  /** False if so many more messages of the target would be too many, for the target or in all. */
  hasRoomFor(target: string, count: number): boolean {
    return this.#backlog.hasRoomFor(target, count);
  }

  /** Returns false if there is no room, or after `close`. Even after true, the message may be given up or dropped. */
  enqueue({ target, connection, data, trace }: ApplicationMessage): boolean {
    const timestamp = toRfc3339(this.#now());
    const body = JSON.stringify({ type: "message.received", timestamp, data: { target, connection, data } });
    const isAccepted = this.#backlog.add({
      id: `msg_${crypto.randomUUID()}`,
      body,
      target,
      failures: 0,
      trace,
    });
    if (this.#isDisabled) this.#drop(this.#backlog.clear());
    return isAccepted;
  }

  /** Called once. Resolves when everything is delivered after `close`, or after `abort`, without timers or requests. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, () => this.#deliver()));
    const [dropped, undelivered] = [this.#dropped, this.#undelivered];
    if (dropped > 0) this.#log.error("dropped {dropped} messages: the webhook answered 410", { dropped });
    if (undelivered > 0) {
      this.#log.error("stopped before {undelivered} messages were delivered", { undelivered });
    }
  }

  /** Refuses new messages from now on, and keeps delivering the others. */
  close(): void {
    this.#backlog.close();
  }

  /** Closes the webhook, and ends all requests and all waiting at once. */
  abort(): void {
    this.#backlog.close();
    this.#stop.abort(new Error("stopped"));
    this.#undelivered += this.#backlog.clear();
  }

  async #deliver(): Promise<void> {
    for await (const delivery of this.#backlog) {
      const outcome = await this.#attempt(delivery, this.#stop.signal);
      if (!this.#stop.signal.aborted) this.#metrics.webhookAttempted(outcome.kind);
      switch (outcome.kind) {
        case "delivered":
          this.#backlog.settle(delivery);
          break;
        case "gone":
          this.#disable(delivery);
          break;
        case "failed":
          this.#retryOrGiveUp({ ...delivery, failures: delivery.failures + 1 }, outcome);
          break;
        default:
          outcome satisfies never;
      }
    }
  }

  #retryOrGiveUp(
    delivery: WebhookDelivery,
    { reason, retryAfterMs }: Outcome & { kind: "failed" },
  ): void {
    const { id, target, failures } = delivery;
    if (this.#isDisabled) this.#drop(1);
    else if (this.#stop.signal.aborted) this.#undelivered++;
    else if (failures < MAX_ATTEMPTS) {
      const waitMs = retryDelayMs(failures, { retryAfterMs, random: this.#random });
      this.#backlog.postpone(delivery, waitMs);
      return this.#log.debug("will repeat {id} for {target}: {reason}", {
        id,
        target,
        reason,
        failures,
        waitMs,
      });
    } else {
      this.#metrics.webhookLost(1);
      this.#log.error("gave up {id} for {target}: {reason}", { id, target, reason, failures });
    }
    this.#backlog.settle(delivery);
  }

  #disable(delivery: WebhookDelivery): void {
    if (!this.#isDisabled) {
      this.#log.error("the webhook answered 410: messages are dropped from now on", {});
    }
    this.#isDisabled = true;
    this.#drop(this.#backlog.clear() + 1);
    this.#backlog.settle(delivery);
  }

  /** For messages of an application that wants no more. */
  #drop(messages: number): void {
    this.#dropped += messages;
    this.#metrics.webhookLost(messages);
  }
}
