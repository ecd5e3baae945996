/** Latencies: how long deliveries took, measured by samples, for to measure each would cost more than it. */

import { type Latency, LATENCY_BOUNDS_MS } from "./metrics.ts";

/** As much of a delivery as it takes to know how long it took. */
export interface Delivery {
  readonly notifications: readonly { readonly text: string }[];
  readonly connection: { readonly connectedAt: number };
}

export interface LatenciesDeps {
  /** When a notification was accepted, by its text, in milliseconds since 1970. */
  readonly acceptedAt: (text: string) => number;
  readonly now: () => number;
}

const MAX_STRIDE = 64; // a sample costs 0.5 µs: so 8 ns for each batch

/**
 * After each reading, samples are of every batch at first, and then ever rarer; each stands for all that was
 * delivered since the one before. So a quiet node misses nothing, and on a busy one a batch costs a decrement.
 */
export class Latencies {
  readonly #deps: LatenciesDeps;
  readonly #counts = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
  #sumMs = 0;
  #stride = 1;
  #untilNext = 1;
  #unmeasured = 0;

  constructor(deps: LatenciesDeps) {
    this.#deps = deps;
  }

  /** A batch was handed to the socket of a connection. */
  delivered(delivery: Delivery): void {
    this.#unmeasured += delivery.notifications.length;
    if (--this.#untilNext === 0) this.#measure(delivery);
  }

  read(): Latency {
    this.#stride = this.#untilNext = 1;
    return { counts: [...this.#counts], sumMs: this.#sumMs };
  }

  /** What was accepted before the connection came was not on its way to it: how old that is tells nothing. */
  #measure({ notifications, connection }: Delivery): void {
    const newest = notifications.at(-1);
    const acceptedAt = newest === undefined ? 0 : this.#deps.acceptedAt(newest.text);
    if (acceptedAt >= connection.connectedAt) this.#add(Math.max(0, this.#deps.now() - acceptedAt));
    this.#unmeasured = 0;
    this.#stride = Math.min(2 * this.#stride, MAX_STRIDE);
    this.#untilNext = this.#stride;
  }

  #add(ms: number): void {
    const found = LATENCY_BOUNDS_MS.findIndex((bound) => ms <= bound);
    const bucket = found === -1 ? LATENCY_BOUNDS_MS.length : found;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + this.#unmeasured;
    this.#sumMs += ms * this.#unmeasured;
  }
}
