/**
 * A model of several nodes behind a proxy. It has the real hubs, feeds, admissions, sessions and rebalancers over one
 * journal, but no sockets and no clocks: transports are never slow, and time passes in ticks.
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
import { ModelTab, ModelTransport } from "./rebalancer_tab.ts";

const CAPACITY = 50_000;
const MAX_BACK_OFF = 6; // ticks
const QUIET_TURNS = 10;

class ModelNode {
  readonly feed = new NotificationFeed(16_384);
  readonly hub = new Hub<Session>(this.feed, {
    capacity: 1_024,
    pacer: new Pacer({ nextTurn, now: () => 0, minMs: 0, maxMs: 0 }),
  });
  readonly admission: Admission;
  readonly rebalancer: Rebalancer;
  readonly #followed = new Set<string>();
  readonly #sessionDeps: SessionDeps;
  readonly #running = this.hub.run();
  /** The load that the other nodes know. */
  reportedLoad: Load;

  constructor(name: string, model: Model) {
    const { registrations, deregistrations } = this.hub;
    this.reportedLoad = { node: name, connections: 0, capacity: CAPACITY };
    const journal = {
      follow: (target: string) => Promise.resolve(void this.#followed.add(target)),
      unfollow: (target: string) => void this.#followed.delete(target),
    };
    const nodes = { announce: () => {}, connectionsElsewhere: () => 0 };
    const limits = { maxConnections: CAPACITY, maxConnectionsPerTarget: CAPACITY, lingerMs: 0 };
    this.admission = new Admission(
      { journal, nodes, slots: new ConnectionSlots(limits.maxConnections) },
      limits,
    );
    this.#sessionDeps = {
      registrations,
      deregistrations,
      inbox: { take: () => true },
      journal: model.journal,
      drains: new DrainPoller({ everyMs: 5, stuckAfterMs: 30_000 }),
      expiries: new ExpiryWheel({ everyMs: 1_000 }),
      isRevoked: () => false,
      encodeFrame: createFrameEncoder(),
      deliveries: { onSent: () => {}, onEnd: () => {} },
      onRefused: () => {},
      onFellBehind: () => {},
      outboxBytes: 1_000_000,
      report: (error) => void model.errors.push(error),
    };
    this.rebalancer = new Rebalancer({
      members: () => {
        const others = model.nodes.filter((node) => node !== this);
        return [this.load, ...others.map(({ reportedLoad }) => reportedLoad)];
      },
      connections: () => this.hub.connectionsOf(null),
      isReady: () => true,
      onStart: () => {},
      random: model.random,
    });
  }

  get load(): Load {
    return { ...this.reportedLoad, connections: this.admission.slots.taken };
  }

  get isQuiet(): boolean {
    const { registrations, deregistrations, queries } = this.hub;
    return ![registrations, deregistrations, queries, this.feed.notifications].some(({ size }) => size > 0);
  }

  offer(entry: Entry): void {
    if (entry.target === null || this.#followed.has(entry.target)) this.feed.offer(entry);
  }

  connect(tab: ModelTab): void {
    const { target, position: after, transport } = tab;
    const token = { target, jti: null, issuedAt: null, expiresAt: null };
    const admitted = { ...token, after, slot: this.admission.reserve(target) };
    tab.session = new Session(() => transport, admitted, this.#sessionDeps);
    tab.session.onOpen();
  }

  async close(): Promise<void> {
    this.hub.close();
    this.admission.close();
    this.#sessionDeps.drains.close();
    await this.#running;
  }
}

export class Model implements AsyncDisposable {
  readonly nodes: ModelNode[] = [];
  readonly tabs: readonly ModelTab[];
  /** Returns numbers from 0 to 1, the same ones in every run. */
  readonly random: () => number;
  /** Errors that the sessions have reported. */
  readonly errors: unknown[] = [];
  readonly journal: MemoryJournal;
  readonly #sent: { readonly target: string | null; readonly n: number }[] = [];
  #ticks = 0;

  /** Spreads the tabs evenly over the targets. */
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

  async notify(target: string | null): Promise<void> {
    const n = this.#sent.length;
    this.#sent.push({ target, n });
    const draft = {
      id: `${n}`,
      target,
      data: `${n}`,
      ttl: null,
      topic: null,
      urgency: null,
      push: null,
      digest: null,
    };
    await this.journal.append([draft]);
  }

  /** One second: nodes exchange loads and send tabs away, and tabs reconnect. Resolves when all nodes are quiet. */
  async tick(): Promise<void> {
    const rebalancing = this.nodes.map(({ rebalancer }) => rebalancer.tick());
    for (const node of this.nodes) node.reportedLoad = node.load;
    await this.settle();
    await Promise.all(rebalancing);
    this.#ticks++;
    for (const tab of this.tabs) {
      if (tab.endIfClosed()) tab.returnsAt = this.#ticks + Math.floor(this.random() * MAX_BACK_OFF);
      if (!tab.transport.open && tab.returnsAt <= this.#ticks) this.#connect(tab);
    }
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let quietTurns = 0; quietTurns < QUIET_TURNS; quietTurns++) {
      await nextTurn();
      if (!this.nodes.every(({ isQuiet }) => isQuiet)) quietTurns = 0;
    }
  }

  /** The notifications that a tab should have received. */
  expectedFor({ target }: ModelTab): number[] {
    return this.#sent.filter((one) => (one.target ?? target) === target).map(({ n }) => n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
  }

  /** Chooses the node with the fewest connections, as a proxy does. */
  #connect(tab: ModelTab): void {
    const [node] = this.nodes.toSorted((one, other) =>
      one.admission.slots.taken - other.admission.slots.taken
    );
    tab.transport = new ModelTransport((frame) => tab.receive(frame));
    node?.connect(tab);
  }
}
