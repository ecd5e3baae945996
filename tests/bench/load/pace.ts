/** When a publisher sends its next request, and when it has sent its last. */

import { delay } from "./delay.ts";
import type { Plan } from "./plan.ts";
import type { Tally } from "./tally.ts";

/** Deliveries; one that is lost counts as in flight to the end. */
const MAX_IN_FLIGHT = 200_000;
/** Where there are many tabs, or the few notifications in flight would be what is measured, and not the server. */
const MAX_IN_FLIGHT_PER_TAB = 200;

/** How long, or how many requests, for all publishers together. It begins when it is made. */
export class Budget {
  /** When it began, by `performance.now()`. */
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

  /** False: there is nothing left. */
  take(): boolean {
    if (this.isSpent) return false;
    this.#requests--;
    return true;
  }
}

/** One publisher's. */
export class Pace {
  readonly #everyMs: number;
  readonly #budget: Budget;
  readonly #tally: Tally;
  readonly #maxInFlight: number;
  #due: number;

  constructor(
    { tabs, rate, batch, publishers }: Pick<Plan, "tabs" | "rate" | "batch" | "publishers">,
    { budget, tally }: { budget: Budget; tally: Tally },
  ) {
    this.#everyMs = rate === null ? 0 : (1_000 * publishers * batch) / rate;
    this.#due = budget.start; // so all are due at once: bursts, as backends have them
    this.#budget = budget;
    this.#tally = tally;
    this.#maxInFlight = Math.max(MAX_IN_FLIGHT, tabs * MAX_IN_FLIGHT_PER_TAB);
  }

  /** Resolves to true when the next request is due, and to false when there is to be none. */
  async next(): Promise<boolean> {
    this.#due += this.#everyMs;
    const wait = this.#everyMs === 0 ? 0 : this.#due - performance.now();
    if (wait > 0) await delay(wait);
    while (this.#tally.inFlight > this.#maxInFlight && !this.#budget.isSpent) await delay(1);
    return this.#budget.take();
  }
}
