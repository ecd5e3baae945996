/** The message webhook: takes what browsers send, and delivers it to the application, at least once each. */

import type { ApplicationMessage } from "../dispatch.ts";
import { toRfc3339 } from "../../wire/rfc3339.ts";
import { type Attempt, attemptTo, type Endpoint, type Outcome } from "./attempt.ts";
import { Backlog } from "./backlog.ts";
import { MAX_ATTEMPTS, waitMsAfter } from "./retry_schedule.ts";
import type { Envelope } from "./signature.ts";

export interface MessageWebhookDeps {
  /** How many messages may be undelivered. */
  readonly capacity: number;
  readonly log: Record<"debug" | "error", (message: string, properties: Record<string, unknown>) => void>;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

interface WebhookDelivery extends Envelope {
  readonly target: string;
  /** Attempts so far, all of them in vain. */
  readonly failures: number;
}

const IN_FLIGHT = 8;

/**
 * No order is kept: a message that waits for a retry keeps its room in the backlog and nothing else, so those that
 * the application cannot digest do not hold up the others.
 */
export class MessageWebhook {
  readonly #attempt: Attempt;
  readonly #log: MessageWebhookDeps["log"];
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #backlog: Backlog<WebhookDelivery>;
  readonly #stop = new AbortController();
  #gone = false;
  #dropped = 0;
  #undelivered = 0;

  constructor(
    endpoint: Endpoint,
    { capacity, log, fetch = globalThis.fetch, now = () => Date.now(), random = Math.random }:
      MessageWebhookDeps,
  ) {
    this.#attempt = attemptTo(endpoint, { fetch, now });
    this.#log = log;
    this.#now = now;
    this.#random = random;
    this.#backlog = new Backlog(capacity);
  }

  get capacity(): number {
    return this.#backlog.capacity;
  }

  /** How many messages are undelivered: those that wait, for whatever it is, and those in flight. */
  get size(): number {
    return this.#backlog.size;
  }

  /** False if there is no room for it, or after `close`. True is no promise: it may be given up, or dropped. */
  take({ target, connection, data }: ApplicationMessage): boolean {
    const timestamp = toRfc3339(this.#now());
    const body = JSON.stringify({ type: "message.received", timestamp, data: { target, connection, data } });
    const isTaken = this.#backlog.add({ id: `msg_${crypto.randomUUID()}`, body, target, failures: 0 });
    if (this.#gone) this.#dropped += this.#backlog.clear();
    return isTaken;
  }

  /** Runs, once, until all is delivered after `close`, or until `abort`; no timer and no request is left then. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => this.#deliver()));
    const [dropped, undelivered] = [this.#dropped, this.#undelivered];
    if (dropped > 0) this.#log.error("dropped {dropped} messages: the webhook answered 410", { dropped });
    if (undelivered > 0) {
      this.#log.error("stopped before {undelivered} messages were delivered", { undelivered });
    }
  }

  /** Takes no more messages, and goes on with those that it has. */
  close(): void {
    this.#backlog.close();
  }

  /** Closes it, and ends all waiting and all requests at once. */
  abort(): void {
    this.#backlog.close();
    this.#stop.abort(new Error("stopped"));
    this.#undelivered += this.#backlog.clear();
  }

  async #deliver(): Promise<void> {
    for await (const delivery of this.#backlog) {
      const outcome = await this.#attempt(delivery, this.#stop.signal);
      switch (outcome.is) {
        case "delivered":
          this.#backlog.settle();
          break;
        case "gone":
          this.#disable();
          break;
        case "failed":
          this.#failed({ ...delivery, failures: delivery.failures + 1 }, outcome);
          break;
        default:
          outcome satisfies never;
      }
    }
  }

  #failed(delivery: WebhookDelivery, { reason, retryAfterMs }: Outcome & { is: "failed" }): void {
    const { id, target, failures } = delivery;
    if (this.#gone) this.#dropped++;
    else if (this.#stop.signal.aborted) this.#undelivered++;
    else if (failures < MAX_ATTEMPTS) {
      const waitMs = waitMsAfter(failures, { retryAfterMs, random: this.#random });
      this.#backlog.postpone(delivery, waitMs);
      return this.#log.debug("will repeat {id} for {target}: {reason}", {
        id,
        target,
        reason,
        failures,
        waitMs,
      });
    } else this.#log.error("gave up {id} for {target}: {reason}", { id, target, reason, failures });
    this.#backlog.settle();
  }

  #disable(): void {
    if (!this.#gone) this.#log.error("the webhook answered 410: messages are dropped from now on", {});
    this.#gone = true;
    this.#dropped += this.#backlog.clear() + 1;
    this.#backlog.settle();
  }
}
