/** SampledTimes: a histogram of how long something takes, which counts every event and measures few of them. */

import { type Latency, LATENCY_BOUNDS_MS } from "./metrics.ts";

const MAX_STRIDE = 64; // a sample costs 0.5 µs, which makes 8 ns for each event

/**
 * After each reading, every event is measured at first, and then ever fewer of them. A sample counts for everything
 * that was counted since the previous sample. So a quiet node misses nothing, and on a busy node most events cost only
 * an addition and a decrement.
 */
export class SampledTimes {
  readonly #counts = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
  #sumMs = 0;
  #stride = 1;
  #untilNext = 1;
  #unmeasured = 0;

  /** Counts events. The next sample counts for them. */
  count(events: number): void {
    this.#unmeasured += events;
  }

  /** Called for each event. True if this one is to be measured. */
  isNext(): boolean {
    if (--this.#untilNext > 0) return false;
    this.#stride = Math.min(2 * this.#stride, MAX_STRIDE);
    this.#untilNext = this.#stride;
    return true;
  }

  /** Takes the sample of an event that has been counted. */
  add(ms: number): void {
    const found = LATENCY_BOUNDS_MS.findIndex((bound) => ms <= bound);
    const bucket = found === -1 ? LATENCY_BOUNDS_MS.length : found;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + this.#unmeasured;
    this.#sumMs += ms * this.#unmeasured;
    this.#unmeasured = 0;
  }

  /** Forgets the events since the previous sample, because the one to measure says nothing about them. */
  discard(): void {
    this.#unmeasured = 0;
  }

  read(): Latency {
    this.#stride = this.#untilNext = 1;
    return { counts: [...this.#counts], sumMs: this.#sumMs };
  }
}
