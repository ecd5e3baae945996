/** A service whose nodes come, go and die, and an application that is told about it, all on a fake clock. */

import { Admission } from "../../src/connection/admission.ts";
import type { Slot } from "../../src/connection/admission.ts";
import { ConnectionSlots } from "../../src/connection/connection_slots.ts";
import { KnownNodes } from "../../src/presence/known_nodes.ts";
import { NEVER_SEEN } from "../../src/presence/last_seen.ts";
import type { PresenceRecords } from "../../src/presence/presence_records.ts";
import { PresenceSweeper } from "../../src/presence/presence_sweeper.ts";
import { PresenceTeller } from "../../src/presence/presence_teller.ts";
import { PresenceTracker } from "../../src/presence/presence_tracker.ts";
import type { Outcome } from "../../src/processor/webhook/attempt.ts";
import type { Envelope } from "../../src/processor/webhook/signature.ts";

export const LINGER_MS = 5_000;
export const BEAT_MS = 1_000;
const MISSED_MS = 3 * BEAT_MS;

const JOURNAL = { follow: () => Promise.resolve(), unfollow() {} };
const NODES = { announce() {}, connectionsElsewhere: () => 0 };

/** What the application was told. */
export interface Told {
  readonly id: string;
  readonly type: string;
  readonly target: string;
}

/**
 * How the application answers: as it should, not at all well, after it has done what it was asked to, or by failing for
 * the events of one target alone.
 */
export type Answering = "well" | "failing" | "losing answers" | "poisoned";

/** The application. */
export class Receiver {
  readonly told: Told[] = [];
  answering: Answering = "well";
  /** Called for each request, before it is answered. */
  onRequest: () => void = () => {};
  requests = 0;

  answer({ id, body }: Envelope): Outcome {
    const { type, data: { target } } = JSON.parse(body);
    this.requests++;
    this.onRequest();
    const isRefused = this.answering === "failing" || (this.answering === "poisoned" && target === "a");
    if (!isRefused) this.told.push({ id, type, target });
    return this.answering === "well" || (this.answering === "poisoned" && !isRefused)
      ? { kind: "delivered" }
      : { kind: "failed", reason: "the webhook answered 500", retryAfterMs: 0 };
  }
}

export interface WorldOptions {
  readonly records: PresenceRecords;
  readonly receiver?: Receiver;
  /** The first part of the names of its nodes. */
  readonly prefix?: string;
}

export class World {
  readonly receiver: Receiver;
  readonly nodes: WorldNode[] = [];
  readonly records: PresenceRecords;
  readonly reported: unknown[] = [];
  /** Nodes that the others do not hear of, although they live. */
  readonly hidden = new Set<string>();
  readonly #leftAt = new Map<string, number>(); // nodes that were killed, whose heartbeats are not missed yet
  readonly #prefix: string;
  #started = 0;

  constructor({ records, receiver = new Receiver(), prefix = "n" }: WorldOptions) {
    this.#prefix = prefix;
    this.records = records;
    this.receiver = receiver;
  }

  start(): WorldNode {
    const node = new WorldNode(`${this.#prefix}${this.#started++}`, this);
    this.nodes.push(node);
    return node;
  }

  /** Kills a node as SIGKILL does. The others find out when its heartbeats are missed. */
  kill(node: WorldNode): void {
    node.die();
    this.#leftAt.set(node.name, Date.now());
    this.nodes.splice(this.nodes.indexOf(node), 1);
  }

  members(): string[] {
    const missed = [...this.#leftAt].filter(([, at]) => Date.now() - at < MISSED_MS).map(([name]) => name);
    return [...this.nodes.map(({ name }) => name), ...missed].filter((name) => !this.hidden.has(name));
  }

  isOnline(target: string): boolean {
    return this.nodes.some((node) => node.connectionsOf(target) > 0);
  }

  async close(): Promise<void> {
    for (const node of this.nodes) await node.close();
  }
}

export class WorldNode {
  readonly #slots = new Map<string, Slot[]>();
  readonly #admission: Admission;
  readonly #teller: PresenceTeller;
  readonly #sweeper: PresenceSweeper;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly tracker: PresenceTracker;
  /** True while its event loop is blocked. */
  isStalled = false;
  #isDead = false;

  constructor(readonly name: string, world: World) {
    const ifAlive = <T>(result: () => Promise<T>): Promise<T> =>
      this.#isDead ? new Promise(() => {}) : result();
    const records: Pick<PresenceRecords, "change" | "all" | "interruptions"> = {
      change: (target, change) => ifAlive(() => world.records.change(target, change)),
      all: () => world.records.all(),
      interruptions: 0,
    };
    const now = Date.now, elapsed = now, report = (error: unknown) => void world.reported.push(error);
    this.#teller = new PresenceTeller({
      node: name,
      records,
      attempt: (envelope) => ifAlive(() => Promise.resolve(world.receiver.answer(envelope))),
      log: { debug() {}, error() {} },
      metrics: { presenceAttempted() {}, presenceLost() {} },
      random: () => 0.5,
      retryMs: 500,
      report,
      now,
    });
    this.tracker = new PresenceTracker({
      node: name,
      records,
      onChange: (target, record) => this.#teller.tell(target, record),
      log: { warn() {} },
      metrics: { presenceLost() {} },
      elapsed,
      retryMs: 500,
      report,
      now,
    });
    this.#sweeper = new PresenceSweeper({
      node: name,
      records,
      tracker: this.tracker,
      known: new KnownNodes({ graceMs: LINGER_MS, elapsed, now }),
      lastSeen: NEVER_SEEN,
      members: () => world.members(),
      everyMs: BEAT_MS,
      elapsed,
      report,
      now,
    });
    this.#admission = new Admission({
      journal: JOURNAL,
      nodes: NODES,
      slots: new ConnectionSlots(1_000),
      observer: {
        arrived: (target) => this.tracker.arrived(target),
        departed: (target, at) => this.tracker.departed(target, at),
        seen() {},
      },
    }, { maxConnectionsPerTarget: 1_000, lingerMs: LINGER_MS });
    this.#timer = setInterval(() => {
      if (this.isStalled) return;
      this.#sweeper.tick();
      this.tracker.tick();
    }, BEAT_MS);
  }

  connectionsOf(target: string): number {
    return this.#slots.get(target)?.length ?? 0;
  }

  connect(target: string): void {
    this.#slots.set(target, [...this.#slots.get(target) ?? [], this.#admission.reserve(target)]);
  }

  /** Closes a connection of the target, if it has one. */
  disconnect(target: string): void {
    this.#slots.get(target)?.pop()?.release();
  }

  /** Nothing that the node does has an effect any more. */
  die(): void {
    this.#isDead = true;
    clearInterval(this.#timer);
    this.#admission.close();
  }

  /** Stops as a node does: what is not told stays in the records. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#admission.close();
    await this.tracker.settle(new AbortController().signal);
    await Promise.all([this.#sweeper.stop(), this.#teller.close()]);
  }
}
