/** A queue on a real NATS server whose workers publish into a memory journal, for tests. */

import { assert } from "@std/assert";
import type { JetStreamClient, JetStreamManager, StoredMsg } from "@nats-io/jetstream";
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import type { Draft, Entry, Receipt } from "../../../src/journal/journal.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import type { NatsLink } from "../../../src/nats/link.ts";
import { type NatsUrl, parseNatsUrl } from "../../../src/nats/nats_url.ts";
import { QUEUE_LIMITS, type QueueLimits, QueueWorker } from "../../../src/sources/queue/queue_worker.ts";
import { ensureQueue } from "../../../src/sources/queue/stream.ts";
import type { Intake } from "../../../src/sources/intake.ts";
import { eventually } from "../../eventually.ts";
import { NatsServer, type NatsServerOptions } from "../../nats/nats_server.ts";

export const STREAM = "tidings-queue";

/** The limits are short, so that no test waits for long. A message that is repeated too early is recognised. */
const LIMITS: QueueLimits = {
  ...QUEUE_LIMITS,
  ackWaitMs: 80,
  retryMs: 5,
  requestMs: 5_000,
  checkMs: 5,
};

interface WorkerOptions extends Partial<Pick<Intake, "accept" | "schedule">> {
  /** The port of a proxy to NATS. */
  readonly port?: number;
  readonly limits?: Partial<QueueLimits>;
}

function nothingScheduled(): Promise<never> {
  return Promise.reject(new Error("nothing is scheduled"));
}

export class TestQueue implements AsyncDisposable {
  /** The data of every entry that the journal accepted, in order and without repeats. */
  readonly offered: unknown[] = [];
  readonly ids: string[] = [];
  readonly reported: unknown[] = [];
  readonly logged: Record<string, unknown>[] = [];
  readonly warnings: string[] = [];
  /** The number of dead letters that the workers have counted. */
  deadLetters = 0;
  readonly server: NatsServer;
  readonly link: NatsLink;
  readonly #journal: MemoryJournal;
  readonly #workers = new Set<QueueWorker>();

  private constructor(server: NatsServer, link: NatsLink) {
    this.server = server;
    this.link = link;
    const offer = ({ text, id }: Entry) =>
      this.offered.push(JSON.parse(text).data) + this.ids.push(id ?? "mark") > 0;
    const retention = { seconds: 3_600, perTarget: 100_000, bytes: 64 * 1024 * 1024 };
    this.#journal = new MemoryJournal({ offer, gap: () => {} }, retention);
  }

  /** Starts a server, without a worker. */
  static async open(options: NatsServerOptions = {}): Promise<TestQueue> {
    const server = await NatsServer.started(options);
    const queue = new TestQueue(server, await server.link({ retryMs: 5 }));
    await queue.#journal.follow("alexander");
    return queue;
  }

  get jetstream(): JetStreamClient {
    return this.link.jetstream;
  }

  get manager(): JetStreamManager {
    return this.link.manager;
  }

  url(port = this.server.port): NatsUrl {
    const url = parseNatsUrl(`nats://127.0.0.1:${port}`, { defaultStream: STREAM });
    assert(url !== undefined);
    return url;
  }

  accept(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    return this.#journal.append(drafts);
  }

  async startWorker(
    { accept = (drafts) => this.accept(drafts), schedule = nothingScheduled, port, limits }: WorkerOptions =
      {},
  ): Promise<QueueWorker> {
    const worker = await QueueWorker.open(this.url(port), {
      intake: {
        accept,
        schedule,
        now: Date.now,
        lifeMs: () => 0,
        hasPushes: false,
      },
      report: (error) => void this.reported.push(error),
      log: {
        warn: (message, properties) => {
          this.warnings.push(message);
          this.logged.push(properties);
        },
      },
      metrics: { deadLettered: () => void this.deadLetters++ },
      limits: { ...LIMITS, ...limits },
    });
    this.#workers.add(worker);
    return worker;
  }

  /** Creates the stream and the consumer. */
  async create(limits: Partial<QueueLimits> = {}): Promise<void> {
    await ensureQueue(this.link, { ...this.url(), ...LIMITS, ...limits });
  }

  /** Resolves with the message's sequence number. Rejects as soon as the connection is lost. */
  async publish(body: unknown, { msgId }: { msgId?: string } = {}): Promise<number> {
    const bytes = body instanceof Uint8Array ? body : JSON.stringify(body);
    const down = Promise.withResolvers<never>();
    using _listening = this.link.addListener({
      onDown: () => down.reject(new Error("the connection to NATS was lost")),
    });
    const published = this.jetstream.publish(`${STREAM}.in`, bytes, { headers: headersOf(msgId) });
    return (await Promise.race([published, down.promise])).seq;
  }

  /** The messages on the subject that are not acked, in order. */
  async stored(subject: "in" | "dead"): Promise<StoredMsg[]> {
    const { state } = await this.manager.streams.info(STREAM);
    const found: StoredMsg[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await this.manager.streams.getMessage(STREAM, { seq });
      if (message?.subject === `${STREAM}.${subject}`) found.push(message);
    }
    return found;
  }

  /** Resolves when all messages are acked or dead letters. */
  async drained(): Promise<void> {
    await eventually(async () => {
      const { state } = await this.manager.streams.info(STREAM, { subjects_filter: `${STREAM}.in` });
      return Object.keys(state.subjects ?? {}).length === 0;
    }, "an empty queue");
  }

  /** Stops the server first, because workers close at once without one. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    await this.link.close();
    await this.server[Symbol.asyncDispose]();
  }
}

/** A notification for the target that the journal follows. */
export function hello(data: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { target: "alexander", data, ...more };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The integers from 0 to `count - 1`. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

export function sorted(values: readonly unknown[]): unknown[] {
  return values.toSorted((a, b) => Number(a) - Number(b));
}

function headersOf(msgId: string | undefined): MsgHdrs {
  const header = headers();
  if (msgId !== undefined) header.set("Nats-Msg-Id", msgId);
  return header;
}
