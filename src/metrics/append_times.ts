/** Measures how long the journal takes to append. It samples the requests, as deliveries are sampled. */

import type { Latency } from "./metrics.ts";
import { SampledTimes } from "./sampled_times.ts";

const UNMEASURED = -1;

export class AppendTimes {
  readonly #times = new SampledTimes();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never jumps */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns what `ended` needs: when the append started, if it is measured. */
  started(): number {
    return this.#times.isNext() ? this.#now() : UNMEASURED;
  }

  /** Called when an append has succeeded. @param startedAt what `started` returned */
  ended(startedAt: number): void {
    this.#times.count(1);
    if (startedAt !== UNMEASURED) this.#times.add(this.#now() - startedAt);
  }

  read(): Latency {
    return this.#times.read();
  }
}
