/** Collects the metrics of this node: events are counted as they happen, everything else is looked up when read. */

import { type Close, TOKEN_REVOKED } from "../wire/close_codes.ts";
import type { ProblemKind } from "../wire/problem.ts";
import { type Source, SOURCES } from "../wire/source.ts";
import type { Notification } from "../hub/outbox.ts";
import { UnavailableError } from "../journal/journal.ts";
import { AppendTimes } from "./append_times.ts";
import { type MeasuredConnection, summarizeConnections } from "./connection_summary.ts";
import { addOne, zeros } from "./counts.ts";
import type { CpuTime } from "./cpu_time.ts";
import { Latencies } from "./latencies.ts";
import type { Build, FillLevel, Metrics, OutboxTableMetrics, RevocationMetrics } from "./metrics.ts";
import { journalMetrics, NOTHING_OBSERVED, type ObservedParts, webhookMetrics } from "./observed_parts.ts";

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
  /** The bytes that the journal may keep. */
  readonly journalBytes: number;
  readonly build: Build;
  memoryBytes(): number;
  cpuTime(): CpuTime;
  readonly lag: { readonly seconds: number };
  /** Parses the time of acceptance from a notification's text, in milliseconds since 1970. */
  readonly acceptedAt: (text: string) => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
}

/** The methods that count are called on the hot path, so they only add to numbers. */
export class NodeMetrics {
  readonly #deps: NodeMetricsDeps;
  readonly #startedAt: number;
  readonly #latencies: Latencies;
  readonly #appends: AppendTimes;
  readonly #accepted: Record<string, number> = zeros(...SOURCES);
  readonly #ended: Record<string, number> = {};
  readonly #publishersEnded: Record<string, number> = {};
  readonly #refused: Record<string, number> = {};
  readonly #requests: Record<string, number>;
  readonly #failures = { journal: 0, other: 0 };
  readonly #pushes: Record<string, number> = zeros("sent", "later", "gone", "failed");
  readonly #webhook = { attempts: zeros("delivered", "failed", "gone"), lost: 0 };
  readonly #presence = { attempts: zeros("delivered", "failed", "gone"), lost: 0 };
  readonly #limited: Record<string, Record<string, number>> = {};
  #refusedRevoked = 0;
  #deadLetters = 0;
  #damagedRows = 0;
  #delivered = 0;
  #fellBehind = 0;
  #sheds = 0;
  #marks = 0;
  #outboxTable: OutboxTableMetrics | null = null;
  #observed: ObservedParts = NOTHING_OBSERVED;

  constructor(deps: NodeMetricsDeps) {
    this.#deps = deps;
    this.#startedAt = deps.now();
    this.#latencies = new Latencies(deps);
    this.#requests = Object.fromEntries(deps.keys.map(({ name }) => [name, 0]));
    this.#appends = new AppendTimes(deps.elapsed);
  }

  /** Called once, before the first reading. */
  observe(parts: ObservedParts): void {
    this.#observed = parts;
  }

  /** Called once for each request. @param count has each target of an accepted notification */
  accepted(source: Source, count: number): void {
    this.#accepted[source] = (this.#accepted[source] ?? 0) + count;
  }

  /** Called when a request is handed to the journal. Returns what `appendEnded` needs. */
  appendStarted(): number {
    return this.#appends.started();
  }

  /** Called when the journal has stored a request. */
  appendEnded(startedAt: number): void {
    this.#appends.ended(startedAt);
  }

  /** Called when a target's stream has a new mark. */
  marked(): void {
    this.#marks++;
  }

  /** Called when it was tried to push to a device. */
  pushed(outcome: string): void {
    addOne(this.#pushes, outcome);
  }

  /** Called when it was tried to deliver a message to the webhook. */
  webhookAttempted(outcome: string): void {
    addOne(this.#webhook.attempts, outcome);
  }

  /** Called with the number of messages that the webhook will never receive. */
  webhookLost(messages: number): void {
    this.#webhook.lost += messages;
  }

  /** Called when it was tried to tell the application that a target goes online or offline. */
  presenceAttempted(outcome: string): void {
    addOne(this.#presence.attempts, outcome);
  }

  /** Called with the number of such events that the application will never be told. */
  presenceLost(events: number): void {
    this.#presence.lost += events;
  }

  /** Called when a message of the queue is stored as a dead letter. */
  deadLettered(): void {
    this.#deadLetters++;
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

  /** Called when a request was refused. @param kind of the problem that answers it, if there is one */
  refused(status: number, kind?: ProblemKind): void {
    addOne(this.#refused, `${status}`);
    if (kind === "revoked") this.#refusedRevoked++;
  }

  /** Called when a request was authorized. @param key the name of its publisher key */
  requested(key: string): void {
    addOne(this.#requests, key);
  }

  /** Called with each limit of rates that is on, so that its counter begins at 0. */
  limits(limit: string, key = ""): void {
    (this.#limited[limit] ??= {})[key] ??= 0;
  }

  /** Called when a limit of rates has refused or delayed something. @param key the name of the key, if it has the limit */
  limited(limit: string, key = ""): void {
    addOne(this.#limited[limit] ??= {}, key);
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

  #revocations(): RevocationMetrics {
    const { kept, bytes: taken, maxBytes: capacity } = this.#observed.revocations.stats();
    return {
      kept,
      bytes: { taken, capacity },
      effects: { refused: this.#refusedRevoked, closed: this.#ended[TOKEN_REVOKED] ?? 0 },
    };
  }

  async read(): Promise<Metrics> {
    const { now, feed, slots, publisherSlots, outboxBytes, journalBytes, memoryBytes, cpuTime, lag, build } =
      this.#deps;
    return {
      at: now(),
      startedAt: this.#startedAt,
      build,
      ...summarizeConnections(await this.#deps.connections(), outboxBytes),
      slots: { taken: slots.taken, capacity: slots.capacity },
      publisherSlots: { taken: publisherSlots.taken, capacity: publisherSlots.capacity },
      feed: { taken: feed.size, capacity: feed.capacity },
      memoryBytes: memoryBytes(),
      scheduled: this.#observed.scheduled(),
      cpuSeconds: cpuTime(),
      eventLoopLagSeconds: lag.seconds,
      journal: journalMetrics(this.#observed.journal, { capacity: journalBytes, now: now() }),
      accepted: Object.values(this.#accepted).reduce((sum, count) => sum + count),
      acceptedFrom: { ...this.#accepted },
      delivered: this.#delivered,
      latency: this.#latencies.read(),
      appends: this.#appends.read(),
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
      webhook: webhookMetrics(this.#observed.webhook, this.#webhook),
      presence: {
        backlog: this.#observed.teller?.size ?? 0,
        withoutRoom: this.#observed.tracker?.withoutRoom ?? 0,
        attempts: { ...this.#presence.attempts },
        lost: this.#presence.lost,
      },
      revocations: this.#revocations(),
      deadLetters: this.#deadLetters,
      limited: structuredClone(this.#limited),
    };
  }
}
