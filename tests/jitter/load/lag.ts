/** How late the timers of the load are: if it is short of CPU time itself, its figures say little of the server. */

import { percentiles } from "../../bench/load/percentiles.ts";

const EVERY_MS = 20;

export interface Lag {
  /** Milliseconds. */
  readonly p99: number;
  readonly max: number;
}

export class LagMeter implements Disposable {
  readonly #lags: number[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#lags.push(Math.max(0, now - last - EVERY_MS));
      last = now;
    }, EVERY_MS);
  }

  get lag(): Lag {
    const [p99 = 0, max = 0] = percentiles(this.#lags, [99, 100]);
    return { p99, max };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
