/** The metrics of this node: what happens is counted where it happens, the rest is looked up when somebody asks. */

import type { Close } from "../wire/close_codes.ts";
import type { TransportKind } from "../hub/connection.ts";
import type { Notification } from "../hub/outbox.ts";
import { UnavailableError } from "../journal/journal.ts";
import { Latencies } from "./latencies.ts";
import type { Fill, Metrics } from "./metrics.ts";

/** A connection, as far as it is measured. */
export interface Measured {
  readonly id: string;
  readonly target: string;
  readonly transport: TransportKind;
  readonly connectedAt: number;
  readonly outbox: { readonly live: boolean; readonly bytes: number };
}

export interface NodeMetricsDeps {
  /** All connections of this node, after a turn of the hub. */
  connections(): Promise<readonly Measured[]>;
  readonly slots: Fill;
  readonly feed: { readonly size: number; readonly capacity: number };
  /** How many one may have. */
  readonly outboxBytes: number;
  memoryBytes(): number;
  /** When a notification was accepted, by its text. */
  readonly acceptedAt: (text: string) => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Its methods are called where things happen: each adds to whole numbers, and no more. */
export class NodeMetrics {
  readonly #deps: NodeMetricsDeps;
  readonly #startedAt: number;
  readonly #latencies: Latencies;
  readonly #ended: Record<string, number> = {};
  readonly #refused: Record<string, number> = {};
  readonly #failures = { journal: 0, other: 0 };
  #accepted = 0;
  #delivered = 0;
  #fellBehind = 0;

  constructor(deps: NodeMetricsDeps) {
    this.#deps = deps;
    this.#startedAt = deps.now();
    this.#latencies = new Latencies(deps);
  }

  /** A notification was accepted, for one of its targets. */
  accepted(): void {
    this.#accepted++;
  }

  /** The connection was handed these. */
  sent(notifications: readonly Notification[], connection: Measured): void {
    this.#delivered += notifications.length;
    this.#latencies.delivered({ notifications, connection });
  }

  /** A connection is not there any more. @param close why; null: the browser has left */
  left(close: Close | null): void {
    addOne(this.#ended, close === null ? "gone" : `${close.code}`);
  }

  /** A connection that was live has to read the journal. */
  fellBehind(): void {
    this.#fellBehind++;
  }

  refused(status: number): void {
    addOne(this.#refused, `${status}`);
  }

  failed(error: unknown): void {
    this.#failures[error instanceof UnavailableError ? "journal" : "other"]++;
  }

  async read(): Promise<Metrics> {
    const { now, feed, slots, memoryBytes } = this.#deps;
    return {
      at: now(),
      startedAt: this.#startedAt,
      ...this.#surveyed(await this.#deps.connections()),
      seats: { taken: slots.taken, capacity: slots.capacity },
      feed: { taken: feed.size, capacity: feed.capacity },
      memoryBytes: memoryBytes(),
      accepted: this.#accepted,
      delivered: this.#delivered,
      latency: this.#latencies.read(),
      fellBehind: this.#fellBehind,
      ended: { ...this.#ended },
      refused: { ...this.#refused },
      failures: { ...this.#failures },
    };
  }

  /** In one pass, for they may be many. */
  #surveyed(
    measured: readonly Measured[],
  ): Pick<Metrics, "connections" | "targets" | "behind" | "outbox" | "waitingBytes"> {
    const connections = { websocket: 0, sse: 0 }, targets = new Set<string>();
    let behind = 0, fullest = 0, waitingBytes = 0;
    for (const { transport, target, outbox } of measured) {
      connections[transport]++;
      targets.add(target);
      if (!outbox.live) behind++;
      waitingBytes += outbox.bytes;
      fullest = Math.max(fullest, outbox.bytes);
    }
    const outbox = { taken: fullest, capacity: this.#deps.outboxBytes };
    return { connections, targets: targets.size, behind, outbox, waitingBytes };
  }
}

function addOne(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
