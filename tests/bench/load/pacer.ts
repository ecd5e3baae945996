/** Decides when a publisher sends its next request, and when it stops. */

import { delay } from "./delay.ts";
import type { Plan } from "./plan.ts";
import type { DeliveryStats } from "./delivery_stats.ts";

/** In deliveries. A lost one counts as in flight to the end. */
const MAX_IN_FLIGHT = 200_000;
/** With many tabs, a fixed limit would be the bottleneck instead of the server. */
const MAX_IN_FLIGHT_PER_TAB = 200;

/** The duration or the number of requests that all publishers share. It starts when it is created. */
export class Budget {
  /** When it started, by `performance.now()`. */
  readonly start = performance.now();
  readonly #end: number;
  #requests: number;

  constructor(until: Plan["until"]) {
    this.#end = "seconds" in until ? this.start + until.seconds * 1_000 : Infinity;
    this.#requests = "requests" in until ? until.requests : Infinity;
  }

  get isSpent(): boolean {
    return this.#requests <= 0 || performance.now() >= this.#end;
  }

  /** Takes one request from the budget, or returns false if the budget is spent. */
  take(): boolean {
    if (this.isSpent) return false;
    this.#requests--;
    return true;
  }
}

/** The pacer of one publisher. */
export class Pacer {
  readonly #everyMs: number;
  readonly #budget: Budget;
  readonly #stats: DeliveryStats;
  readonly #maxInFlight: number;
  #due: number;

  constructor(
    { tabs, rate, batch, publishers }: Pick<Plan, "tabs" | "rate" | "batch" | "publishers">,
    { budget, stats }: { budget: Budget; stats: DeliveryStats },
  ) {
    this.#everyMs = rate === null ? 0 : (1_000 * publishers * batch) / rate;
    this.#due = budget.start; // all publishers are due at once, in bursts like those of real backends
    this.#budget = budget;
    this.#stats = stats;
    this.#maxInFlight = Math.max(MAX_IN_FLIGHT, tabs * MAX_IN_FLIGHT_PER_TAB);
  }

  /** Resolves with true when the next request is due, and with false when there are no more. */
  async next(): Promise<boolean> {
    this.#due += this.#everyMs;
    const wait = this.#everyMs === 0 ? 0 : this.#due - performance.now();
    if (wait > 0) await delay(wait);
    while (this.#stats.inFlight > this.#maxInFlight && !this.#budget.isSpent) await delay(1);
    return this.#budget.take();
  }
}
