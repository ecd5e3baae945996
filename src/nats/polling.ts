/** Polling: looks at something in NATS again and again, one look at a time, and reports each failure once in a row. */

import type { NatsLink } from "./link.ts";
import { plainMessage } from "./plain_message.ts";

export interface PollingOptions {
  readonly everyMs: number;
  /** Rejects if NATS cannot be used at the moment. */
  readonly poll: () => Promise<void>;
  /** Called with why `poll` has failed, unless it has failed in the same way the last time. */
  readonly onFailure: (reason: string) => void;
}

export class Polling {
  readonly #link: Pick<NatsLink, "isUp">;
  readonly #options: PollingOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #polling: Promise<void> | undefined;
  #failure = "";
  #isClosed = false;

  constructor(link: Pick<NatsLink, "isUp">, options: PollingOptions) {
    this.#link = link;
    this.#options = options;
    this.#timer = setInterval(() => void this.poll(), options.everyMs);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Polls now, unless it does so already. Never rejects. */
  async poll(): Promise<void> {
    if (!this.#link.isUp || this.#isClosed) return;
    await (this.#polling ??= this.#poll().finally(() => this.#polling = undefined));
  }

  /** Resolves when nothing is polled any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#polling;
  }

  async #poll(): Promise<void> {
    const { poll, onFailure } = this.#options;
    try {
      await poll();
      this.#failure = "";
    } catch (error) {
      const reason = plainMessage(error);
      if (reason !== this.#failure && !this.#isClosed) onFailure(reason);
      this.#failure = reason;
    }
  }
}
