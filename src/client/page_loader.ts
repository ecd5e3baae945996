/** Loads the newest page of an inbox: soon, again after a failure, and never twice at once. */

import { backoffMs } from "./backoff.ts";
import { messageOf } from "./connection_end.ts";
import { COUNT_MS } from "./limits.ts";

export interface PageLoaderDeps {
  /** Gets the page and does what is to be done with it. Rejects if that was not possible. */
  readonly load: () => Promise<void>;
  /** Receives why loading has failed. It is tried again. */
  readonly onFailure: (reason: string) => void;
}

export class PageLoader {
  readonly #deps: PageLoaderDeps;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLoading = false;
  #isDue = false; // again, after what is under way
  #failures = 0;
  #isClosed = false;

  constructor(deps: PageLoaderDeps) {
    this.#deps = deps;
  }

  /** Loads after the delay, together with whoever else asks until then. Without a delay, it does so at once. */
  ask(delayMs = 0): void {
    if (this.#isClosed) return;
    if (this.#isLoading) {
      this.#isDue = true;
      return;
    }
    if (delayMs > 0 && this.#timer !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (delayMs > 0) this.#timer = setTimeout(() => this.ask(), delayMs);
    else void this.#load();
  }

  /** Does not wait any longer before the next attempt, unless one is under way. */
  wake(): void {
    if (!this.#isLoading) this.ask();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #load(): Promise<void> {
    this.#isLoading = true;
    this.#isDue = false;
    let delayMs: number | undefined;
    try {
      await this.#deps.load();
      this.#failures = 0;
    } catch (error) {
      if (!this.#isClosed) this.#deps.onFailure(messageOf(error));
      delayMs = 1 + backoffMs(this.#failures++);
    }
    this.#isLoading = false;
    if (this.#isDue || delayMs !== undefined) this.ask(delayMs ?? COUNT_MS);
  }
}
