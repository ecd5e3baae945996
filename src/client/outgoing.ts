/** What goes out: acks and messages, in batches, for the server takes ten frames a second and 64 KiB in each. */

const EVERY_MS = 250; // a frame of acks and one of messages: eight a second
const MOST_BYTES = 60_000;
const MOST_IDS = 1_000; // in a frame
const MOST_ACKS = 10_000;
const MOST_MESSAGES = 100;

const encoder = new TextEncoder();

/** What an outgoing queue needs. */
export interface OutgoingParts {
  /** Resolves with for how many milliseconds the server takes nothing more; it has not taken these, if not 0. */
  readonly send: (messages: readonly string[]) => Promise<number>;
  /** Told that messages could not be sent, and will not be. */
  readonly failed: (error: unknown) => void;
}

export class Outgoing {
  readonly #parts: OutgoingParts;
  #acks: string[] = [];
  #messages: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #notBefore = 0;
  #isOpen = false;

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
  }

  /** The oldest go if there are too many: they are for a statistic. */
  ack(ids: readonly string[]): void {
    if (!this.#isOpen) return; // the server counts acks only from the connection that it sent to
    this.#acks.push(...ids);
    this.#acks.splice(0, this.#acks.length - MOST_ACKS);
    this.#schedule();
  }

  /** False if it is too large, or nothing more is taken now. */
  message(data: unknown): boolean {
    const text = JSON.stringify({ type: "message", data });
    if (!this.#isOpen || this.#messages.length >= MOST_MESSAGES || bytesOf(text) > MOST_BYTES) return false;
    this.#messages.push(text);
    this.#schedule();
    return true;
  }

  open(): void {
    this.#isOpen = true;
    this.#notBefore = 0;
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
    this.#notBefore = Date.now() + EVERY_MS;
    const messages = taken(this.#messages), ids = taken(this.#acks);
    const acks = ids.length > 0 ? [JSON.stringify({ type: "ack", ids })] : [];
    const [acked, sent] = await Promise.all([
      this.#sent(acks, () => {}), // they are for a statistic
      this.#sent(messages, this.#parts.failed),
    ]);
    if (!acked) this.#acks.unshift(...ids);
    if (!sent) this.#messages.unshift(...messages);
    if (this.#timer === timer) this.#timer = undefined; // else it is that of the next connection
    this.#schedule();
  }

  /** The first at once, with what else comes in this turn; the next not too soon. */
  #schedule(): void {
    if (!this.#isOpen || this.#timer !== undefined || this.#acks.length + this.#messages.length === 0) return;
    this.#timer = setTimeout(() => void this.flush(), Math.max(0, this.#notBefore - Date.now()));
  }

  /** False if the server has no room for them now. */
  async #sent(messages: readonly string[], failed: (error: unknown) => void): Promise<boolean> {
    try {
      const waitMs = messages.length > 0 ? await this.#parts.send(messages) : 0;
      if (waitMs > 0) this.#notBefore = Date.now() + waitMs;
      return waitMs === 0;
    } catch (error) {
      failed(error);
      return true;
    }
  }
}

/** The first of them, as far as they fit into a frame; one in any case. Takes them out. */
function taken(list: string[]): string[] {
  let count = 0;
  for (let bytes = 0; count < Math.min(list.length, MOST_IDS); count++) {
    bytes += bytesOf(list[count] ?? "") + 16;
    if (bytes > MOST_BYTES && count > 0) break;
  }
  return list.splice(0, count);
}

function bytesOf(text: string): number {
  return encoder.encode(text).length;
}
