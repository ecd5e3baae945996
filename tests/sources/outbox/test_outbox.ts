/** An outbox table in a real PostgreSQL server, whose workers publish into a memory journal, for tests. */

import type { Draft, Entry, Receipt } from "../../../src/journal/journal.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import type { PostgresLink, PostgresRow } from "../../../src/postgres/link.ts";
import type { PostgresUrl } from "../../../src/postgres/postgres_url.ts";
import type { Schedule } from "../../../src/schedule/schedule.ts";
import { OUTBOX_LIMITS, type OutboxLimits, OutboxWorker } from "../../../src/sources/outbox/outbox_worker.ts";
import { eventually } from "../../eventually.ts";
import { PostgresServer, type PostgresServerOptions } from "../../postgres/postgres_server.ts";

/** The limits are short, so that no test waits for long. */
const LIMITS: OutboxLimits = { ...OUTBOX_LIMITS, pollMs: 20, retryMs: 2, maxRetryMs: 20, postponeMs: 20 };

interface WorkerOptions {
  readonly accept?: (drafts: readonly Draft[]) => Promise<readonly Receipt[]>;
  readonly schedule?: Schedule["add"];
  readonly url?: PostgresUrl;
  readonly limits?: Partial<OutboxLimits>;
  /** Called with the age of the oldest row, after each look. */
  readonly onAge?: (ms: number) => void;
}

/** A message that a worker has logged, and its level. */
type LogRecord = readonly [level: string, message: string, properties: Record<string, unknown>];

export class TestOutbox implements AsyncDisposable {
  /** The data of every entry that the journal accepted, in order and without repeats. */
  readonly offered: unknown[] = [];
  readonly ids: (string | null)[] = [];
  readonly reported: unknown[] = [];
  readonly logged: LogRecord[] = [];
  readonly counts = { looks: 0, kept: 0, failed: 0, lost: 0 };
  readonly server: PostgresServer;
  readonly #journal: MemoryJournal;
  readonly #workers = new Set<OutboxWorker>();

  private constructor(server: PostgresServer) {
    this.server = server;
    const offer = ({ text, id }: Entry) => {
      this.offered.push(JSON.parse(text).data);
      return this.ids.push(id) > 0;
    };
    const retention = { seconds: 3_600, perTarget: 100_000, bytes: 64 * 1024 * 1024 };
    this.#journal = new MemoryJournal({ offer, gap: () => {} }, retention);
  }

  /** Starts a server with the table, without a worker. */
  static async open(options: PostgresServerOptions = {}): Promise<TestOutbox> {
    const outbox = new TestOutbox(await PostgresServer.started(options));
    await outbox.#journal.follow("alexander");
    return outbox;
  }

  accept(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    return this.#journal.append(drafts);
  }

  startWorker(
    { accept = (drafts) => this.accept(drafts), schedule, url = this.server.url(), limits, onAge }:
      WorkerOptions = {},
  ): OutboxWorker {
    const log = (level: string) => (message: string, properties: Record<string, unknown>) =>
      void this.logged.push([level, message, properties]);
    const worker = new OutboxWorker(url, {
      intake: {
        accept,
        schedule: schedule ?? (() => Promise.reject(new Error("nothing is scheduled"))),
        now: Date.now,
        lifeMs: () => 0,
        hasPushes: false,
      },
      report: (error) => void this.reported.push(error),
      log: { info: log("info"), warn: log("warn"), error: log("error") },
      metrics: {
        readOutbox: ({ kept, failed, oldestMs }) => {
          onAge?.(oldestMs);
          this.counts.looks++;
          this.counts.kept += kept;
          this.counts.failed += failed;
        },
        lostOutbox: () => void this.counts.lost++,
      },
      limits: { ...LIMITS, ...limits },
    });
    this.#workers.add(worker);
    return worker;
  }

  /** Inserts notifications in one transaction, each in a row of its own. */
  async insert(...notifications: readonly unknown[]): Promise<void> {
    await using link = await this.server.link();
    await insertInto(link, notifications);
  }

  async rows(): Promise<readonly PostgresRow[]> {
    return await this.server.run("select * from tidings_outbox order by number");
  }

  /** The problems of the rows that stand aside. */
  async problems(): Promise<unknown[]> {
    const rows = await this.server.run(
      "select problem from tidings_outbox where failed_at is not null order by number",
    );
    return rows.map(({ problem }) => JSON.parse(String(problem)));
  }

  /** The messages of the level that the workers have logged, with their reasons. */
  messages(level: string): string[] {
    return this.logged.filter(([one]) => one === level)
      .map(([, message, properties]) =>
        message.replaceAll(/{(\w+)}/g, (_, name) => String(properties[name]))
      );
  }

  /** Resolves when no row waits. */
  async drained(): Promise<void> {
    await using link = await this.server.link();
    await eventually(async () => {
      const [row] = await link.query(
        "select count(*)::int as count from tidings_outbox where failed_at is null",
      );
      return row?.count === 0;
    }, "an empty table");
  }

  /** Resolves when a worker has looked at the table again, twice: the first look may have begun already. */
  async looked(): Promise<void> {
    const { looks } = this.counts;
    await eventually(() => this.counts.looks >= looks + 2, "another look at the table");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    await this.server[Symbol.asyncDispose]();
  }
}

export async function insertInto(link: PostgresLink, notifications: readonly unknown[]): Promise<void> {
  const text = "insert into tidings_outbox (notification) select value from json_array_elements($1::json)";
  await link.query(text, [JSON.stringify(notifications)]);
}

/** A notification for the target that the journal follows. */
export function hello(data: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { target: "alexander", data, ...more };
}

/** The integers from 0 to `count - 1`. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
