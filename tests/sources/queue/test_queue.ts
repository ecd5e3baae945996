/** A queue on a real NATS server, a memory journal behind it, and what its feed was offered, for tests. */

import { assert } from "@std/assert";
import type { JetStreamClient, JetStreamManager, StoredMsg } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import type { Draft, Entry, Receipt } from "../../../src/journal/journal.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import type { NatsLink } from "../../../src/nats/link.ts";
import { type NatsUrl, parseNatsUrl } from "../../../src/nats/nats_url.ts";
import { QUEUE_LIMITS, type QueueLimits, QueueWorker } from "../../../src/sources/queue/queue_worker.ts";
import { ensureQueue } from "../../../src/sources/queue/stream.ts";
import type { Intake } from "../../../src/sources/intake.ts";
import { type NatsOptions, NatsServer } from "../../nats/nats_server.ts";

export const STREAM = "tidings-queue";

/** Short, so that no test waits for long; what comes again too early is known as a repeat. */
const LIMITS: QueueLimits = {
  ...QUEUE_LIMITS,
  ackWaitMs: 80,
  retryMs: 5,
  requestMs: 5_000,
};

interface WorkerOptions extends Partial<Pick<Intake, "accept">> {
  /** Where NATS is, if it is not to be reached directly. */
  readonly port?: number;
  readonly limits?: Partial<QueueLimits>;
}

export class Desk implements AsyncDisposable {
  /** The data of every entry that the journal took, in order, and of no repeat. */
  readonly offered: unknown[] = [];
  readonly ids: string[] = [];
  readonly reported: unknown[] = [];
  readonly logged: Record<string, unknown>[] = [];
  readonly server: NatsServer;
  readonly link: NatsLink;
  readonly #journal: MemoryJournal;
  readonly #workers = new Set<QueueWorker>();

  private constructor(server: NatsServer, link: NatsLink) {
    this.server = server;
    this.link = link;
    const offer = ({ text, id }: Entry) => this.offered.push(JSON.parse(text).data) + this.ids.push(id) > 0;
    const retention = { seconds: 3_600, perTarget: 100_000, bytes: 64 * 1024 * 1024 };
    this.#journal = new MemoryJournal({ offer, gap: () => {} }, retention);
  }

  /** With a server, and no worker yet. */
  static async opened(options: NatsOptions = {}): Promise<Desk> {
    const server = await NatsServer.started(options);
    const desk = new Desk(server, await server.link({ retryMs: 5 }));
    await desk.#journal.follow("alexander");
    return desk;
  }

  get jetstream(): JetStreamClient {
    return this.link.jetstream;
  }

  get manager(): JetStreamManager {
    return this.link.manager;
  }

  place(port = this.server.port): NatsUrl {
    const place = parseNatsUrl(`nats://127.0.0.1:${port}`, { standardStream: STREAM });
    assert(place !== undefined);
    return place;
  }

  accept(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    return this.#journal.append(drafts);
  }

  async worker(
    { accept = (drafts) => this.accept(drafts), port, limits }: WorkerOptions = {},
  ): Promise<QueueWorker> {
    const worker = await QueueWorker.open(this.place(port), {
      intake: { accept },
      report: (error) => void this.reported.push(error),
      log: { warn: (_, properties) => void this.logged.push(properties) },
      limits: { ...LIMITS, ...limits },
    });
    this.#workers.add(worker);
    return worker;
  }

  /** Makes the stream, and the consumer. */
  async made(limits: Partial<QueueLimits> = {}): Promise<void> {
    await ensureQueue(this.link, { ...this.place(), ...LIMITS, ...limits });
  }

  /** Resolves to its sequence when the queue has it. Rejects, at once, if that will not be known. */
  async publish(body: unknown, { msgId }: { msgId?: string } = {}): Promise<number> {
    const bytes = body instanceof Uint8Array ? body : JSON.stringify(body);
    const down = Promise.withResolvers<never>();
    using _told = this.link.tell({ down: () => down.reject(new Error("NATS is away")) });
    const published = this.jetstream.publish(`${STREAM}.in`, bytes, { headers: headersOf(msgId) });
    return (await Promise.race([published, down.promise])).seq;
  }

  /** What is on the subject, in its order, not counting what was acked. */
  async stored(subject: "in" | "dead"): Promise<StoredMsg[]> {
    const { state } = await this.manager.streams.info(STREAM);
    const found: StoredMsg[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await this.manager.streams.getMessage(STREAM, { seq });
      if (message?.subject === `${STREAM}.${subject}`) found.push(message);
    }
    return found;
  }

  /** Resolves when the queue has nothing more to do, and so all acks have come. */
  async emptied(): Promise<void> {
    await eventually(async () => {
      const { state } = await this.manager.streams.info(STREAM, { subjects_filter: `${STREAM}.in` });
      return Object.keys(state.subjects ?? {}).length === 0;
    });
  }

  /** Without a server, workers close at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    await this.link.close();
    await this.server[Symbol.asyncDispose]();
  }
}

/** Resolves when it is so. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A notification for the target that the journal follows. */
export function hello(data: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { target: "alexander", data, ...more };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** From 0, so many. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

export function sorted(values: readonly unknown[]): unknown[] {
  return values.toSorted((a, b) => Number(a) - Number(b));
}

function headersOf(msgId: string | undefined) {
  const given = headers();
  if (msgId !== undefined) given.set("Nats-Msg-Id", msgId);
  return given;
}
