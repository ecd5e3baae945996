/** Measures how long deliveries take. It samples them, because measuring each one would cost more than the delivery. */

import type { Latency } from "./metrics.ts";
import { SampledTimes } from "./sampled_times.ts";

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

export class Latencies {
  readonly #deps: LatenciesDeps;
  readonly #times = new SampledTimes();

  constructor(deps: LatenciesDeps) {
    this.#deps = deps;
  }

  delivered(delivery: Delivery): void {
    this.#times.count(delivery.notifications.length);
    if (this.#times.isNext()) this.#measure(delivery);
  }

  read(): Latency {
    return this.#times.read();
  }

  /** Ignores a notification that was accepted before the connection opened: it waited for the connection. */
  #measure({ notifications, connection }: Delivery): void {
    const newest = notifications.at(-1);
    const acceptedAt = newest === undefined ? 0 : this.#deps.acceptedAt(newest.text);
    if (acceptedAt >= connection.connectedAt) this.#times.add(Math.max(0, this.#deps.now() - acceptedAt));
    else this.#times.discard();
  }
}
