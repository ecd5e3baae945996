/** EventLoopLag: how long something held up the event loop, by how late a timer was. */

const TICK_MS = 250; // four wake-ups a second, which an idle node does not notice
const WINDOW_MS = 15_000;

/**
 * The lag is the longest delay of the last 15 to 30 seconds: of the current window and the one before it. A reading
 * resets nothing, so several readers do not disturb each other, and each reading every 15 s sees every delay.
 */
export class EventLoopLag {
  readonly #now: () => number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lastTick = 0;
  #windowStart = 0;
  #longestMs = 0;
  #longestBeforeMs = 0;

  /** @param now milliseconds of a clock that never jumps */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Starts to measure, until the signal aborts. */
  start(signal: AbortSignal): void {
    this.#lastTick = this.#windowStart = this.#now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    signal.addEventListener("abort", () => {
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  /** Includes the delay of a tick that is late right now. */
  get seconds(): number {
    const lateMs = this.#timer === undefined ? 0 : this.#lateMs(this.#now());
    return Math.max(this.#longestMs, this.#longestBeforeMs, lateMs) / 1000;
  }

  #tick(): void {
    const now = this.#now();
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#longestBeforeMs = this.#longestMs;
      this.#longestMs = 0;
      this.#windowStart = now;
    }
    this.#longestMs = Math.max(this.#longestMs, this.#lateMs(now));
    this.#lastTick = now;
  }

  #lateMs(now: number): number {
    return Math.max(0, now - this.#lastTick - TICK_MS);
  }
}
