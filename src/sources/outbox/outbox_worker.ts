/** The outbox worker: a source that reads rows of a table in PostgreSQL, and deletes each when the journal has it. */

import { pause } from "../../async/pause.ts";
import { within } from "../../async/within.ts";
import { PostgresLink } from "../../postgres/link.ts";
import type { PostgresServer, PostgresUrl } from "../../postgres/postgres_url.ts";
import { messageOf } from "../../wire/error_message.ts";
import { OutboxMemory } from "./outbox_memory.ts";
import { publishRows, type PublishRowsDeps } from "./publish_rows.ts";
import { settleRows, TABLE, takeRows } from "./rows.ts";
import { requireOutboxTable } from "./table.ts";

type Log = (message: string, properties: Record<string, unknown>) => void;

export interface OutboxWorkerDeps extends PublishRowsDeps {
  readonly log: Record<"info" | "warn" | "error", Log>;
  readonly metrics: OutboxMetrics;
  readonly limits?: OutboxLimits;
}

export interface OutboxMetrics {
  /** Called after each look at the table, with the age of the oldest row that waited. */
  readOutbox(rows: { kept: number; failed: number; oldestMs: number }): void;
  /** Called when the table cannot be read. */
  lostOutbox(): void;
}

/** Limits that are not configurable. */
export interface OutboxLimits {
  /** Interval between two looks at the table if nothing wakes the worker. */
  readonly pollMs: number;
  /** Delay after a failure. It doubles with each further one in a row, up to the maximum, and is random by a half. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** Timeout of a connection that is opened, and of a statement. */
  readonly requestMs: number;
  /** How long rows wait that could not be published although others could. */
  readonly postponeMs: number;
}

export const OUTBOX_LIMITS: OutboxLimits = {
  pollMs: 1_000,
  retryMs: 100,
  maxRetryMs: 5_000,
  requestMs: 15_000,
  postponeMs: 5_000,
};

const MAX_REASONS = 100;
const NOT_SETTLED = `rows of ${TABLE} are neither deleted nor updated: a trigger or a policy keeps them`;

/** Whether there may be more rows, none is left that could be read, or none can be accepted for now. */
type Next = "more" | "wait" | "back off";

/**
 * Every row is published at least once, and a repeat is recognised by its id. Rows are locked while they are published,
 * so any number of workers share a table. One worker reads them in the order of their numbers.
 */
export class OutboxWorker {
  readonly #url: PostgresUrl;
  readonly #deps: OutboxWorkerDeps;
  readonly #limits: OutboxLimits;
  readonly #memory: OutboxMemory;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #woken = Promise.withResolvers<void>();
  #failures = 0; // in a row
  readonly #reasons = new Set<string>(); // why the table is not read, as they were logged
  #isRead = false;

  /** Starts to read, now or as soon as the database can be reached. */
  constructor(url: PostgresUrl, deps: OutboxWorkerDeps) {
    this.#url = url;
    this.#deps = deps;
    this.#limits = deps.limits ?? OUTBOX_LIMITS;
    this.#memory = new OutboxMemory(this.#limits);
    this.#running = this.#run();
  }

  /** Takes no more rows, and resolves when those that were taken are settled. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { servers } = this.#url, { signal } = this.#stop;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const server = servers[attempt % servers.length];
      if (server === undefined) return;
      try {
        await this.#readFrom(server);
      } catch (error) {
        if (signal.aborted) return;
        this.#noteFailure(error);
        await this.#backOff();
      }
    }
  }

  /** Resolves when the worker is closed. */
  async #readFrom(server: PostgresServer): Promise<void> {
    const { signal } = this.#stop, { requestMs } = this.#limits;
    const onNotify = () => this.#woken.resolve();
    await using link = await PostgresLink.open(this.#url, { server, requestMs, signal, onNotify });
    await requireOutboxTable(link);
    await link.query(`listen ${TABLE}`); // before the first look, so that no row is overlooked
    while (!signal.aborted) {
      this.#woken = Promise.withResolvers();
      const next = await this.#readBatch(link);
      this.#noteSuccess(server);
      if (next === "back off") await this.#backOff();
      else this.#failures = 0;
      if (next === "wait") await within(this.#woken.promise, { ms: this.#limits.pollMs, signal });
    }
  }

  /** Takes the first rows, publishes them and settles them, in one transaction. */
  async #readBatch(link: PostgresLink): Promise<Next> {
    const { rows, isLast } = await takeRows(link, this.#memory.postponed());
    const { known, fresh } = this.#memory.divide(rows);
    const published = await publishRows(fresh, this.#deps);
    this.#memory.add(published);
    const { refused, isUnavailable } = published, kept = [...known, ...published.kept];
    const settled = await settleRows(link, { kept, refused });
    this.#memory.settled(kept.filter(({ number }) => settled.has(number)));
    for (const { row: { number }, problem: { kind } } of refused) {
      if (!settled.has(number)) continue;
      this.#deps.log.warn("row {number} of the outbox table stands aside: {kind}", { number, kind });
    }
    if (settled.size < kept.length + refused.length) throw new Error(NOT_SETTLED);
    const oldestMs = rows[0]?.ageMs ?? 0;
    this.#deps.metrics.readOutbox({ kept: kept.length, failed: refused.length, oldestMs });
    if (isUnavailable) return "back off";
    return isLast ? "wait" : "more";
  }

  async #backOff(): Promise<void> {
    const { retryMs, maxRetryMs } = this.#limits;
    const ms = Math.min(maxRetryMs, retryMs * 2 ** this.#failures++);
    await pause(ms * (0.5 + Math.random() / 2), this.#stop.signal);
  }

  #noteSuccess({ host, port }: PostgresServer): void {
    if (this.#isRead) return;
    this.#isRead = true;
    this.#reasons.clear();
    const { database } = this.#url;
    this.#deps.log.info("reading the outbox table of {database} on {host}:{port}", { database, host, port });
  }

  /** Logs each reason once, until the table is read again. Servers that are tried in turn may each have another one. */
  #noteFailure(error: unknown): void {
    this.#deps.metrics.lostOutbox();
    const reason = reasonOf(error);
    this.#isRead = false;
    if (this.#reasons.has(reason) || this.#reasons.size === MAX_REASONS) return;
    this.#reasons.add(reason);
    this.#deps.log.error("the outbox table cannot be read: {reason}", { reason });
  }
}

/** An attempt to connect to all addresses of a name fails without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(", ");
  return messageOf(error);
}
