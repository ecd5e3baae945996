/** The exchanges of one publisher's socket: its frames that are not answered yet, in their order and within limits. */

import { Buffer } from "node:buffer";
import { MAX_UNANSWERED } from "../../wire/publish_socket.ts";
import { countNotifications } from "./count_notifications.ts";

/** A frame that is not answered yet. */
export interface Exchange {
  readonly bytes: number;
  readonly notifications: number;
  /** The text of the frame. Null once it is being published, or if there was no room for it. */
  json: string | null;
  /** The text of the answer. Null until there is one. */
  answer: string | null;
}

/** The bytes of all unanswered frames of a node. An owner, the name of a publisher key, has a share. */
export interface UnansweredBudget {
  take(owner: string, bytes: number): boolean;
  release(owner: string, bytes: number): void;
}

/** How much of one socket is being published at a time, so that the answers that it does not read stay few. */
const MAX_STARTED_BYTES = 64 * 1024;

export class Exchanges {
  readonly #owner: string;
  readonly #budget: UnansweredBudget;
  #queue: Exchange[] = []; // the oldest first: those that are started, and then those that wait
  #started = 0;
  #startedBytes = 0;
  #bytes = 0;
  #notifications = 0;

  constructor(owner: string, budget: UnansweredBudget) {
    this.#owner = owner;
    this.#budget = budget;
  }

  get size(): number {
    return this.#queue.length;
  }

  /**
   * Adds a frame. Its `json` is null if the node has no room for it. Returns null, and adds nothing, if the publisher
   * has sent more than may be unanswered.
   */
  add(json: string): Exchange | null {
    if (json.length > MAX_UNANSWERED.bytes) return null;
    const bytes = Buffer.byteLength(json);
    const notifications = countNotifications(json, MAX_UNANSWERED.notifications);
    if (this.#bytes + bytes > MAX_UNANSWERED.bytes) return null;
    if (this.#notifications + notifications > MAX_UNANSWERED.notifications) return null;
    const exchange: Exchange = this.#budget.take(this.#owner, bytes)
      ? { bytes, notifications, json, answer: null }
      : { bytes: 0, notifications, json: null, answer: null };
    this.#bytes += exchange.bytes;
    this.#notifications += notifications;
    this.#queue.push(exchange);
    return exchange;
  }

  /** Starts the next exchange. Returns undefined if none waits, or if too much is started. */
  start(): Exchange | undefined {
    const exchange = this.#queue[this.#started];
    if (exchange === undefined) return undefined;
    if (this.#started > 0 && this.#startedBytes + exchange.bytes > MAX_STARTED_BYTES) return undefined;
    this.#started++;
    this.#startedBytes += exchange.bytes;
    return exchange;
  }

  /** Removes the exchanges that are answered, up to the first that is not, and returns their answers. */
  takeAnswers(): string[] {
    const answers: string[] = [];
    for (const { answer, bytes, notifications } of this.#queue) {
      if (answer === null) break;
      answers.push(answer);
      this.#startedBytes -= bytes;
      this.#release(bytes, notifications);
    }
    this.#queue.splice(0, answers.length);
    this.#started -= answers.length;
    return answers;
  }

  /** Forgets all of them. */
  clear(): void {
    for (const { bytes, notifications } of this.#queue) this.#release(bytes, notifications);
    this.#queue = [];
    this.#started = this.#startedBytes = 0;
  }

  #release(bytes: number, notifications: number): void {
    this.#bytes -= bytes;
    this.#notifications -= notifications;
    if (bytes > 0) this.#budget.release(this.#owner, bytes);
  }
}
