/** Watches whether a connection is alive: a network that has failed is just silent. */

import { ANSWER_MS, WELCOME_MS } from "./limits.ts";

/** What a watchdog watches. */
export interface Watched {
  /** Asks the server for a sign of life. */
  ping(): void;
  /** Called when none has come, and when there is no welcome in time. */
  close(reason: string): void;
}

export class Watchdog {
  readonly #watched: Watched;
  readonly #quietMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #alarms = 2; // since something arrived; before the welcome, the first one is the last

  /** @param quietMs the silence after which it asks for a sign of life */
  constructor(watched: Watched, quietMs: number) {
    this.#watched = watched;
    this.#quietMs = quietMs;
    this.#wait(WELCOME_MS);
  }

  /** Something has arrived. */
  onArrival(): void {
    this.#alarms = 0;
    this.#wait(this.#quietMs);
  }

  /** Asks for a sign of life at once, unless one is due already. */
  check(): void {
    if (!this.#alarms) this.#alarm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#alarms = 1;
  }

  #alarm(): void {
    if (this.#alarms++ > 1) return this.#watched.close("nothing comes");
    this.#wait(ANSWER_MS);
    if (this.#alarms === 1) this.#watched.ping();
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#alarm(), ms);
  }
}
