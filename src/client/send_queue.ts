/** Sends acks and messages in batches, because the server accepts ten frames a second of 64 KiB each. */

import { byteLength } from "./byte_length.ts";
import {
  MAX_ACKS,
  MAX_FRAME_BYTES,
  MAX_FRAME_IDS,
  MAX_MESSAGES,
  MAX_RESENDS,
  RESEND_MS,
  SEND_MS,
} from "./limits.ts";
import type { ClientTransport, SendOutcome } from "./transport.ts";

/** What a send queue needs. */
export interface SendQueueDeps {
  /** A receipt of it that is not 0 puts the messages or acks back into the queue. */
  readonly active: () => Pick<ClientTransport, "send" | "ack"> | null;
  /** Called when messages could not be sent and are lost. */
  readonly onError: (error: unknown) => void;
}

export class SendQueue {
  readonly #deps: SendQueueDeps;
  readonly #acks: string[] = [];
  readonly #messages: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;
  #unconfirmed = 0; // times in a row that nobody knew what became of a frame

  constructor(deps: SendQueueDeps) {
    this.#deps = deps;
  }

  /** Takes acks without a connection too: they withdraw pushes. Drops the oldest if there are too many. */
  ack(ids: readonly string[]): void {
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

  /** Keeps what waits for the next connection. */
  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Sends one batch of each kind within this turn: a page that the user leaves has no later one. */
  async flush(): Promise<void> {
    const timer = this.#timer;
    clearTimeout(timer);
    const { active, onError } = this.#deps;
    const receipts = await Promise.all([
      this.#sendBatch(this.#messages, (messages) => active()?.send(messages)).catch((error) => {
        onError(error);
        return 0;
      }),
      this.#sendBatch(this.#acks, (ids) => active()?.ack(JSON.stringify({ type: "ack", ids }))).catch(() =>
        0
      ),
    ]);
    this.#unconfirmed = receipts.includes(undefined) ? this.#unconfirmed + 1 : 0;
    if (this.#timer === timer) this.#timer = undefined; // else it is the timer of the next connection
    this.#schedule(Math.max(SEND_MS, RESEND_MS * this.#unconfirmed, ...receipts.map((ms = 0) => ms)));
  }

  /**
   * Flushes after the delay, together with what is queued until then. A delay that is already running stays. It is a
   * timer and not a time of day, because the clock of a device may be set.
   */
  #schedule(ms = 0): void {
    if (!this.#isOpen || this.#timer) return;
    this.#timer = setTimeout(() => {
      if (this.#acks.length + this.#messages.length) void this.flush();
      else this.#timer = undefined;
    }, ms);
  }

  /** Puts the batch back unless the server has it. Messages that no connection survives are given up. */
  async #sendBatch(
    queue: string[],
    send: (batch: readonly string[]) => SendOutcome | Promise<SendOutcome>,
  ): Promise<SendOutcome> {
    const batch = takeBatch(queue);
    const receipt = batch.length ? await send(batch) : 0;
    if (receipt === undefined && this.#unconfirmed >= MAX_RESENDS) {
      throw new Error("messages not confirmed");
    }
    if (receipt !== 0) queue.unshift(...batch);
    return receipt;
  }
}

/** Removes from the queue as much as fits into one frame, and at least one. */
function takeBatch(queue: string[]): string[] {
  let count = 0;
  for (let bytes = 0; count < Math.min(queue.length, MAX_FRAME_IDS); count++) {
    bytes += byteLength(queue[count] ?? "") + 16;
    if (bytes > MAX_FRAME_BYTES && count) break;
  }
  return queue.splice(0, count);
}
