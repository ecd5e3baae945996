/** What a server allows a connection to send: frames of 64 KiB that are arrays, 50 at once and then 10 a second. */

const BURST = 50;
const PER_SECOND = 10;
const MAX_BYTES = 65_536;

export class FrameBudget {
  readonly #now: () => number;
  #left = BURST;
  #at = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns why the server would refuse the frame or close the connection; null if it takes the frame. */
  spend(text: string): string | null {
    const now = this.#now();
    this.#left = Math.min(BURST, this.#left + (now - this.#at) / 1_000 * PER_SECOND);
    this.#at = now;
    if (--this.#left < 0) return "the client has sent more than 50 frames at once and 10 a second";
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > MAX_BYTES) return `the client has sent a frame of ${bytes} bytes`;
    const messages: unknown = JSON.parse(text);
    return Array.isArray(messages) && messages.length > 0 && messages.length <= 250
      ? null
      : `the client has sent ${text.slice(0, 200)}`;
  }
}
