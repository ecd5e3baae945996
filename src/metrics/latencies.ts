/** Measures how long deliveries take. It samples them, because measuring each one would cost more than the delivery. */

import { type Latency, LATENCY_BOUNDS_MS } from "./metrics.ts";

/** A batch of notifications that was sent to the socket of a connection. */
export interface Delivery {
  readonly notifications: readonly { readonly text: string }[];
  /** `connectedAt` is in milliseconds since 1970. */
  readonly connection: { readonly connectedAt: number };
}

export interface LatenciesDeps {
  /** Parses the time of acceptance from a notification's text, in milliseconds since 1970. */
  readonly acceptedAt: (text: string) => number;
  readonly now: () => number;
}

const MAX_STRIDE = 64; // a sample costs 0.5 µs, which makes 8 ns for each batch

/**
 * After each reading, every batch is measured at first, and then ever fewer of them. A sample counts for everything
 * that was delivered since the previous sample. So a quiet node misses nothing, and on a busy node most batches cost
 * only a decrement.
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

  delivered(delivery: Delivery): void {
    this.#unmeasured += delivery.notifications.length;
    if (--this.#untilNext === 0) this.#measure(delivery);
  }

  read(): Latency {
    this.#stride = this.#untilNext = 1;
    return { counts: [...this.#counts], sumMs: this.#sumMs };
  }

  /** Ignores a notification that was accepted before the connection opened: it waited for the connection. */
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
