/** Collects the metrics of this node: events are counted as they happen, everything else is looked up when read. */

import type { Close } from "../wire/close_codes.ts";
import { type Source, SOURCES } from "../wire/source.ts";
import type { TransportKind } from "../wire/transport_kind.ts";
import type { Notification } from "../hub/outbox.ts";
import { UnavailableError } from "../journal/journal.ts";
import { Latencies } from "./latencies.ts";
import type { FillLevel, Metrics, OutboxTableMetrics } from "./metrics.ts";

/** The properties of a connection that the metrics need. */
export interface MeasuredConnection {
  readonly id: string;
  readonly target: string;
  readonly transport: TransportKind;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly outbox: { readonly live: boolean; readonly bytes: number };
}

export interface NodeMetricsDeps {
  /** All connections of this node, after a turn of the hub. */
  connections(): Promise<readonly MeasuredConnection[]>;
  readonly slots: FillLevel;
  readonly publisherSlots: FillLevel;
  readonly feed: { readonly size: number; readonly capacity: number };
  /** The publisher keys by their names. */
  readonly keys: readonly { readonly name: string }[];
  /** The limit of one outbox. */
  readonly outboxBytes: number;
  memoryBytes(): number;
  /** Parses the time of acceptance from a notification's text, in milliseconds since 1970. */
  readonly acceptedAt: (text: string) => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The methods that count are called on the hot path, so they only add to numbers. */
export class NodeMetrics {
  readonly #deps: NodeMetricsDeps;
  readonly #startedAt: number;
  readonly #latencies: Latencies;
  readonly #accepted: Record<string, number> = Object.fromEntries(SOURCES.map((source) => [source, 0]));
  #readScheduled: () => Metrics["scheduled"] = () => ({});
  readonly #ended: Record<string, number> = {};
  readonly #publishersEnded: Record<string, number> = {};
  readonly #refused: Record<string, number> = {};
  readonly #requests: Record<string, number>;
  readonly #failures = { journal: 0, other: 0 };
  readonly #pushes: Record<string, number> = {};
  #damagedRows = 0;
  #delivered = 0;
  #fellBehind = 0;
  #sheds = 0;
  #marks = 0;
  #outboxTable: OutboxTableMetrics | null = null;

  constructor(deps: NodeMetricsDeps) {
    this.#deps = deps;
    this.#startedAt = deps.now();
    this.#latencies = new Latencies(deps);
    this.#requests = Object.fromEntries(deps.keys.map(({ name }) => [name, 0]));
  }

  /** Has the metrics look up with this what waits until it is due. */
  observeScheduled(read: () => Metrics["scheduled"]): void {
    this.#readScheduled = read;
  }

  /** Called once for each request. @param count has each target of an accepted notification */
  accepted(source: Source, count: number): void {
    this.#accepted[source] = (this.#accepted[source] ?? 0) + count;
  }

  /** Called when a target's stream has a new mark. */
  marked(): void {
    this.#marks++;
  }

  /** Called when it was tried to push to a device. */
  pushed(outcome: string): void {
    addOne(this.#pushes, outcome);
  }

  /** Called when notifications were sent to a connection. */
  sent(notifications: readonly Notification[], connection: MeasuredConnection): void {
    for (const { id } of notifications) if (id !== null) this.#delivered++; // marks are no notifications
    this.#latencies.delivered({ notifications, connection });
  }

  /** Called when a connection has closed. @param close the reason; null: the browser closed it */
  left(close: Close | null): void {
    addOne(this.#ended, close === null ? "gone" : `${close.code}`);
  }

  /** Called when the socket of a publisher has closed. @param close the reason; null: the publisher closed it */
  publisherLeft(close: Close | null): void {
    addOne(this.#publishersEnded, close === null ? "gone" : `${close.code}`);
  }

  /** Called when a live connection has to read the journal. */
  fellBehind(): void {
    this.#fellBehind++;
  }

  /** Called when a request was refused. */
  refused(status: number): void {
    addOne(this.#refused, `${status}`);
  }

  /** Called when a request was authorized. @param key the name of its publisher key */
  requested(key: string): void {
    addOne(this.#requests, key);
  }

  /** Called when all connections are closed because memory is short. */
  shed(): void {
    this.#sheds++;
  }

  failed(error: unknown): void {
    this.#failures[error instanceof UnavailableError ? "journal" : "other"]++;
  }

  /** Called when rows of the journal's file, or messages of its stream, turned out to be damaged. */
  foundDamage(rows: number): void {
    this.#damagedRows += rows;
  }

  /** Called when the node has looked at the outbox table, with what has become of rows. */
  readOutbox({ kept, failed, oldestMs }: { kept: number; failed: number; oldestMs: number }): void {
    const { kept: alreadyKept = 0, failed: alreadyFailed = 0 } = this.#outboxTable?.rows ?? {};
    const rows = { kept: alreadyKept + kept, failed: alreadyFailed + failed };
    this.#outboxTable = { rows, oldestSeconds: oldestMs / 1000, isRead: true };
  }

  /** Called when the outbox table cannot be read. */
  lostOutbox(): void {
    const { rows = { kept: 0, failed: 0 }, oldestSeconds = 0 } = this.#outboxTable ?? {};
    this.#outboxTable = { rows, oldestSeconds, isRead: false };
  }

  async read(): Promise<Metrics> {
    const { now, feed, slots, publisherSlots, memoryBytes } = this.#deps;
    return {
      at: now(),
      startedAt: this.#startedAt,
      ...this.#summarize(await this.#deps.connections()),
      slots: { taken: slots.taken, capacity: slots.capacity },
      publisherSlots: { taken: publisherSlots.taken, capacity: publisherSlots.capacity },
      feed: { taken: feed.size, capacity: feed.capacity },
      memoryBytes: memoryBytes(),
      scheduled: this.#readScheduled(),
      accepted: Object.values(this.#accepted).reduce((sum, count) => sum + count),
      acceptedFrom: { ...this.#accepted },
      delivered: this.#delivered,
      latency: this.#latencies.read(),
      fellBehind: this.#fellBehind,
      ended: { ...this.#ended },
      publishersEnded: { ...this.#publishersEnded },
      refused: { ...this.#refused },
      requests: { ...this.#requests },
      sheds: this.#sheds,
      failures: { ...this.#failures },
      damagedRows: this.#damagedRows,
      marks: this.#marks,
      pushes: { ...this.#pushes },
      outboxTable: this.#outboxTable,
    };
  }

  /** Summarizes all connections in one pass, because there may be 50,000 of them. */
  #summarize(
    measured: readonly MeasuredConnection[],
  ): Pick<Metrics, "connections" | "targets" | "behind" | "outbox" | "waitingBytes"> {
    const connections: Record<TransportKind, number> = { websocket: 0, sse: 0 }, targets = new Set<string>();
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
