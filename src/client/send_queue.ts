/** Sends acks and messages in batches, because the server accepts ten frames a second of 64 KiB each. */

import { byteLength, MAX_FRAME_BYTES, MAX_FRAME_IDS } from "./frame.ts";

const INTERVAL_MS = 250; // one frame of acks and one of messages each time: eight a second
const MAX_ACKS = 10_000;
const MAX_MESSAGES = 100;

/** What a send queue needs. */
export interface SendQueueDeps {
  /**
   * Resolves with the time in milliseconds during which the server accepts nothing more. If that is not 0, the server
   * has not accepted these messages either.
   */
  readonly send: (messages: readonly string[]) => Promise<number>;
  /** Called when messages could not be sent and are lost. */
  readonly onError: (error: unknown) => void;
}

export class SendQueue {
  readonly #deps: SendQueueDeps;
  #acks: string[] = [];
  #messages: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  constructor(deps: SendQueueDeps) {
    this.#deps = deps;
  }

  /** Drops the oldest acks if there are too many: acks only feed a statistic. */
  ack(ids: readonly string[]): void {
    if (!this.#isOpen) return; // the server counts an ack only on the connection that delivered the notification
    this.#acks.push(...ids);
    this.#acks.splice(0, this.#acks.length - MAX_ACKS);
    this.#schedule();
  }

  /** Returns false if the queue is full or closed. */
  send(message: string): boolean {
    if (!this.#isOpen || this.#messages.length >= MAX_MESSAGES) return false;
    this.#messages.push(message);
    this.#schedule();
    return true;
  }

  open(): void {
    this.#isOpen = true;
    this.#schedule();
  }

  /** Keeps the messages for the next connection. Drops the acks, which would not count there. */
  close(): void {
    this.#isOpen = false;
    this.#acks = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Sends one batch of each kind within this turn: a page that the user leaves has no later one. */
  async flush(): Promise<void> {
    const timer = this.#timer;
    clearTimeout(timer);
    const waitsMs = await Promise.all([
      this.#sendBatch(this.#acks, (ids) => [JSON.stringify({ type: "ack", ids })]).catch(() => 0),
      this.#sendBatch(this.#messages, (messages) => messages).catch((error) => {
        this.#deps.onError(error);
        return 0;
      }),
    ]);
    if (this.#timer === timer) this.#timer = undefined; // else it is the timer of the next connection
    this.#schedule(Math.max(INTERVAL_MS, ...waitsMs));
  }

  /**
   * Flushes after the delay, together with what is queued until then. A delay that is already running stays. It is a
   * timer and not a time of day, because the clock of a device may be set.
   */
  #schedule(ms = 0): void {
    if (!this.#isOpen || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      if (this.#acks.length + this.#messages.length > 0) void this.flush();
      else this.#timer = undefined;
    }, ms);
  }

  /** Resolves with the time during which the server accepts nothing more. The batch is queued again then. */
  async #sendBatch(
    queue: string[],
    encode: (batch: readonly string[]) => readonly string[],
  ): Promise<number> {
    const batch = takeBatch(queue);
    const waitMs = batch.length > 0 ? await this.#deps.send(encode(batch)) : 0;
    if (waitMs > 0) queue.unshift(...batch);
    return waitMs;
  }
}

/** Removes from the queue as much as fits into one frame, and at least one. */
function takeBatch(queue: string[]): string[] {
  let count = 0;
  for (let bytes = 0; count < Math.min(queue.length, MAX_FRAME_IDS); count++) {
    bytes += byteLength(queue[count] ?? "") + 16;
    if (bytes > MAX_FRAME_BYTES && count > 0) break;
  }
  return queue.splice(0, count);
}
