/**
 * A model of several nodes behind a proxy, without sockets and clocks: the real hubs, feeds, admissions, attendances
 * and spreads over one journal, with lines that are never slow, and tabs that come back. Its clock is its ticks.
 */

import type { Load } from "../../src/cluster/balance.ts";
import { Admission } from "../../src/connection/admission.ts";
import { ConnectionSlots } from "../../src/connection/connection_slots.ts";
import { NotificationFeed } from "../../src/hub/feed.ts";
import { Pacer } from "../../src/hub/pacer.ts";
import { Hub } from "../../src/hub/hub.ts";
import type { Entry } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { nextTurn } from "../../src/async/next_turn.ts";
import { Session, type SessionDeps } from "../../src/connection/session.ts";
import { DrainPoller } from "../../src/connection/drain_poller.ts";
import { ExpiryWheel } from "../../src/connection/expiry_wheel.ts";
import { createFrameEncoder } from "../../src/connection/frame_encoding.ts";
import { Rebalancer } from "../../src/cluster/rebalancer.ts";
import { ModelLine, ModelTab } from "./rebalancer_tab.ts";

const CAPACITY = 50_000;
const MAX_BACK_OFF = 6; // ticks
const CALM_TURNS = 10;

class ModelNode {
  readonly feed = new NotificationFeed(16_384);
  readonly hub = new Hub<Session>(this.feed, {
    capacity: 1_024,
    pacer: new Pacer({ nextTurn, now: () => 0, minMs: 0, maxMs: 0 }),
  });
  readonly admission: Admission;
  readonly spread: Rebalancer;
  readonly #followed = new Set<string>();
  readonly #parts: SessionDeps;
  readonly #running = this.hub.run();
  /** What the others know of it. */
  told: Load;

  constructor(name: string, model: Model) {
    const { registrations, deregistrations } = this.hub;
    this.told = { node: name, connections: 0, capacity: CAPACITY };
    const journal = {
      follow: (target: string) => Promise.resolve(void this.#followed.add(target)),
      unfollow: (target: string) => void this.#followed.delete(target),
    };
    const nodes = { present: () => {}, elsewhere: () => 0 };
    const limits = { maxConnections: CAPACITY, maxConnectionsPerTarget: CAPACITY, lingerMs: 0 };
    this.admission = new Admission(
      { journal, nodes, slots: new ConnectionSlots(limits.maxConnections) },
      limits,
    );
    this.#parts = {
      registrations,
      deregistrations,
      inbox: { take: () => true },
      journal: model.journal,
      drains: new DrainPoller({ everyMs: 5, stuckAfterMs: 30_000 }),
      expiries: new ExpiryWheel({ everyMs: 1_000 }),
      encodeFrame: createFrameEncoder(),
      deliveries: { onSent: () => {}, onEnd: () => {} },
      onFellBehind: () => {},
      outboxBytes: 1_000_000,
      report: (error) => void model.oddities.push(error),
    };
    this.spread = new Rebalancer({
      members: () => [this.load, ...model.nodes.filter((node) => node !== this).map(({ told }) => told)],
      connections: () => this.hub.connectionsOf(null),
      isSettled: () => true,
      began: () => {},
      random: model.random,
    });
  }

  get load(): Load {
    return { ...this.told, connections: this.admission.slots.taken };
  }

  get isQuiet(): boolean {
    const { registrations, deregistrations, queries } = this.hub;
    return ![registrations, deregistrations, queries, this.feed.notifications].some(({ size }) => size > 0);
  }

  offer(entry: Entry): void {
    if (entry.target === null || this.#followed.has(entry.target)) this.feed.offer(entry);
  }

  attend(tab: ModelTab): void {
    const { target, position: after, line } = tab;
    const admitted = { target, after, expiresAt: null, slot: this.admission.reserve(target) };
    tab.attendance = new Session(() => line, admitted, this.#parts);
    tab.attendance.onOpen();
  }

  async close(): Promise<void> {
    this.hub.close();
    this.admission.close();
    this.#parts.drains.close();
    await this.#running;
  }
}

export class Model implements AsyncDisposable {
  readonly nodes: ModelNode[] = [];
  readonly tabs: readonly ModelTab[];
  /** From 0 to 1, the same in every run. */
  readonly random: () => number;
  /** What should not have happened. */
  readonly oddities: unknown[] = [];
  readonly journal: MemoryJournal;
  readonly #sent: { readonly target: string | null; readonly n: number }[] = [];
  #ticks = 0;

  /** Each of the targets has as many tabs as any other, or one more. */
  constructor({ targets, tabs, random }: { targets: number; tabs: number; random: () => number }) {
    this.random = random;
    const offer = (entry: Entry) => {
      for (const node of this.nodes) node.offer(entry);
      return true;
    };
    const retention = { seconds: 3_600, perTarget: 100_000, bytes: 2 ** 30 };
    this.journal = new MemoryJournal({ offer, gap: () => {} }, retention, () => 0);
    this.tabs = Array.from({ length: tabs }, (_, index) => new ModelTab(`target-${index % targets}`));
    for (const { target } of this.tabs) this.journal.follow(target);
  }

  addNode(): void {
    this.nodes.push(new ModelNode(`node-${this.nodes.length}`, this));
  }

  /** Accepts a notification. */
  async notify(target: string | null): Promise<void> {
    const n = this.#sent.length;
    this.#sent.push({ target, n });
    const draft = { id: `${n}`, target, data: `${n}`, ttl: null, topic: null, urgency: null, digest: null };
    await this.journal.append([draft]);
  }

  /** A second: nodes hear of each other and send tabs away, and tabs come back. Resolves when all is quiet. */
  async tick(): Promise<void> {
    const spreading = this.nodes.map(({ spread }) => spread.tick());
    for (const node of this.nodes) node.told = node.load;
    await this.settle();
    await Promise.all(spreading);
    this.#ticks++;
    for (const tab of this.tabs) {
      if (tab.hasLeft()) tab.returnsAt = this.#ticks + Math.floor(this.random() * MAX_BACK_OFF);
      if (!tab.line.open && tab.returnsAt <= this.#ticks) this.#connect(tab);
    }
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let calm = 0; calm < CALM_TURNS; calm++) {
      await nextTurn();
      if (!this.nodes.every(({ isQuiet }) => isQuiet)) calm = 0;
    }
  }

  /** What a tab has to have got. */
  for({ target }: ModelTab): number[] {
    return this.#sent.filter((one) => (one.target ?? target) === target).map(({ n }) => n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
  }

  /** As a proxy does that counts its connections to each node. */
  #connect(tab: ModelTab): void {
    const [node] = this.nodes.toSorted((one, other) =>
      one.admission.slots.taken - other.admission.slots.taken
    );
    tab.line = new ModelLine((frame) => tab.arrive(frame));
    node?.attend(tab);
  }
}
