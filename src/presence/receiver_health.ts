/** ReceiverHealth: how many requests an application gets at once, which is one from time to time while it fails. */

import type { Outcome } from "../processor/webhook/attempt.ts";
import { retryDelayMs } from "../processor/webhook/retry_schedule.ts";

const MAX_AT_ONCE = 8;
/** As many failures in a row mean that the application fails, and not that it refuses single events. */
const MAX_FAILURES = 16;

/** Without it, each of 100,000 targets would try an application that is down once a minute. */
export class ReceiverHealth {
  readonly #random: () => number;
  readonly #onReady: () => void;
  #failures = 0; // in a row
  #pause: ReturnType<typeof setTimeout> | undefined;

  /** @param options `onReady` is called when another request may be made after a pause; `random` returns 0 to 1 */
  constructor({ onReady, random }: { onReady: () => void; random: () => number }) {
    this.#onReady = onReady;
    this.#random = random;
  }

  /** @param running the number of requests that are being made */
  mayStart(running: number): boolean {
    return this.#pause === undefined && running < (this.#failures >= MAX_FAILURES ? 1 : MAX_AT_ONCE);
  }

  /** Call this with the outcome of each request. */
  note(outcome: Outcome): void {
    this.#failures = outcome.kind === "failed" ? this.#failures + 1 : 0;
    if (outcome.kind !== "failed" || this.#failures < MAX_FAILURES || this.#pause !== undefined) return;
    const { retryAfterMs } = outcome, failures = this.#failures - MAX_FAILURES + 1;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#onReady();
    }, retryDelayMs(failures, { retryAfterMs, random: this.#random }));
  }

  /** Ends the pause for good. */
  close(): void {
    clearTimeout(this.#pause);
  }
}
