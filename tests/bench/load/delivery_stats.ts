/** Counts the deliveries to all tabs of a load, and records their latency. */

import { delay } from "./delay.ts";
import { percentiles } from "./percentiles.ts";
import { PERCENTILES } from "./plan.ts";

const MAX_WAIT_MS = 2_000; // a later delivery counts as lost

export class DeliveryStats {
  /** Notifications that tabs have received. */
  delivered = 0;
  /** Notifications that tabs have received or should still receive. */
  expected = 0;
  /** Tabs that the server closed. */
  closed = 0;
  readonly #timed: number;
  readonly #microseconds: number[] = [];
  #from = 0;

  /** @param timed a power of two: the latency of one notification in this many is recorded */
  constructor({ timed }: { timed: number }) {
    this.#timed = timed;
  }

  /**
   * Records the latency only of notifications that are stamped after this time, in microseconds since 1970.
   */
  timeFrom(time: number): void {
    this.#from = time;
  }

  get inFlight(): number {
    return this.expected - this.delivered;
  }

  /** Adds a frame with `count` notifications. If one of them should be timed, the oldest of the frame is. */
  add(count: number, { first, now }: { first: number | null; now: () => number }): void {
    this.delivered += count;
    if (first === null || first < this.#from) return;
    if ((this.delivered & (this.#timed - 1)) < count) this.#microseconds.push(now() - first);
  }

  /** Resolves when all expected notifications have arrived, or when it is too late for them. */
  async settled(): Promise<void> {
    const end = performance.now() + MAX_WAIT_MS;
    while (this.inFlight > 0 && performance.now() < end) await delay(5);
  }

  /** Returns the percentiles of the latency in milliseconds. */
  latencies(): number[] {
    return percentiles(this.#microseconds, PERCENTILES).map((one) => one / 1_000);
  }

  /** Forgets everything so far, which was a warm-up. */
  reset(): void {
    this.delivered = this.expected = 0;
    this.#microseconds.length = 0;
  }
}
