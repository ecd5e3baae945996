/** What all tabs of a load have received, and how long it took. */

import { delay } from "./delay.ts";
import { percentiles } from "./percentiles.ts";
import { PERCENTILES } from "./plan.ts";

const MAX_WAIT_MS = 2_000; // what comes later is lost

export class Tally {
  /** Notifications that have come. */
  delivered = 0;
  /** Notifications that tabs should have by now, or soon. */
  expected = 0;
  /** Tabs that the server sent away. */
  closed = 0;
  readonly #timed: number;
  readonly #microseconds: number[] = [];

  #from = 0;

  /** @param timed one notification of so many, a power of two */
  constructor({ timed }: { timed: number }) {
    this.#timed = timed;
  }

  /** Only notifications that are stamped after this are timed, in microseconds since 1970. */
  timeFrom(time: number): void {
    this.#from = time;
  }

  get inFlight(): number {
    return this.expected - this.delivered;
  }

  /** A frame has come with so many. Where one is to be timed, the oldest of its frame is. */
  add(count: number, { first, now }: { first: number | null; now: () => number }): void {
    this.delivered += count;
    if (first !== null && (this.delivered & (this.#timed - 1)) < count) {
      this.#microseconds.push(now() - first);
    }
  }

  /** Resolves when all that is expected has come, or when it has become too late. */
  async settled(): Promise<void> {
    const end = performance.now() + MAX_WAIT_MS;
    while (this.inFlight > 0 && performance.now() < end) await delay(5);
  }

  /** In milliseconds. */
  latencies(): number[] {
    return percentiles(this.#microseconds, PERCENTILES).map((one) => one / 1_000);
  }

  /** What has come so far was for practice. */
  reset(): void {
    this.delivered = this.expected = 0;
    this.#microseconds.length = 0;
  }
}
