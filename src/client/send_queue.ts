/** What goes out: acks and messages, in batches, for the server takes ten frames a second and 64 KiB in each. */

import { bytesOf, MAX_BYTES } from "./frame.ts";

const EVERY_MS = 250; // a frame of acks and one of messages: eight a second
const MAX_IDS = 1_000; // in a frame
const MAX_ACKS = 10_000;
const MAX_MESSAGES = 100;

/** What an outgoing queue needs. */
export interface SendQueueDeps {
  /** Resolves with for how many milliseconds the server takes nothing more; it has not taken these, if not 0. */
  readonly send: (messages: readonly string[]) => Promise<number>;
  /** Told that messages could not be sent, and will not be. */
  readonly failed: (error: unknown) => void;
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

  /** The oldest go if there are too many: they are for a statistic. */
  ack(ids: readonly string[]): void {
    if (!this.#isOpen) return; // the server counts acks only from the connection that it sent to
    this.#acks.push(...ids);
    this.#acks.splice(0, this.#acks.length - MAX_ACKS);
    this.#schedule();
  }

  /** False if nothing more is taken now. */
  message(text: string): boolean {
    if (!this.#isOpen || this.#messages.length >= MAX_MESSAGES) return false;
    this.#messages.push(text);
    this.#schedule();
    return true;
  }

  open(): void {
    this.#isOpen = true;
    this.#schedule();
  }

  /** Messages wait for the next connection; acks would count for nothing there. */
  close(): void {
    this.#isOpen = false;
    this.#acks = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Sends what waits, now: all in this turn, for a page that is left has no later one. */
  async flush(): Promise<void> {
    const timer = this.#timer;
    clearTimeout(timer);
    const waitsMs = await Promise.all([
      this.#hand(this.#acks, (ids) => [JSON.stringify({ type: "ack", ids })], () => {}), // they are for a statistic
      this.#hand(this.#messages, (messages) => messages, this.#deps.failed),
    ]);
    if (this.#timer === timer) this.#timer = undefined; // else it is that of the next connection
    this.#schedule(Math.max(EVERY_MS, ...waitsMs));
  }

  /** At once, but with what else comes in this turn; or later, and what comes before waits. By no clock: that may be set. */
  #schedule(ms = 0): void {
    if (!this.#isOpen || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      if (this.#acks.length + this.#messages.length > 0) void this.flush();
      else this.#timer = undefined;
    }, ms);
  }

  /** Sends the first of the list. Resolves with how long the server takes no more; they are in the list again then. */
  async #hand(
    list: string[],
    encode: (some: readonly string[]) => readonly string[],
    failed: (error: unknown) => void,
  ): Promise<number> {
    const some = taken(list);
    try {
      const waitMs = some.length > 0 ? await this.#deps.send(encode(some)) : 0;
      if (waitMs > 0) list.unshift(...some);
      return waitMs;
    } catch (error) {
      failed(error);
      return 0;
    }
  }
}

/** The first of them, as far as they fit into a frame; one in any case. Takes them out. */
function taken(list: string[]): string[] {
  let count = 0;
  for (let bytes = 0; count < Math.min(list.length, MAX_IDS); count++) {
    bytes += bytesOf(list[count] ?? "") + 16;
    if (bytes > MAX_BYTES && count > 0) break;
  }
  return list.splice(0, count);
}
