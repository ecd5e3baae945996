/** The cluster: the nodes of a history, which are started, stopped, killed, suspended and isolated. */

import { SingleNode } from "../../../src/cluster/single_node.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import type { Backend } from "../../../src/service/backend.ts";
import type { Core } from "../../../src/service/core.ts";
import { Links } from "../network/links.ts";
import { Process } from "../runtime/process.ts";
import type { Random } from "../runtime/random.ts";
import type { World } from "../runtime/world.ts";
import { RecordedJournal } from "./recorded_journal.ts";
import { RemoteJournal } from "./remote_journal.ts";
import { SimNode } from "./sim_node.ts";
import { SimNodes } from "./sim_nodes.ts";
import { Store } from "./store.ts";

const SLOW_TURN_MS = 5;

export class Cluster {
  readonly links: Links;
  readonly all = new Set<SimNodes>();
  /** When a node was last started, stopped, killed, suspended, isolated or healed. */
  troubledAt = -Infinity;
  /** When a tab was last welcomed, or lost its connection. */
  changedAt = -Infinity;
  readonly #world: World;
  readonly #store: Store | null;
  readonly #nodes = new Map<number, SimNode>();
  readonly #journals: RecordedJournal[] = [];
  #started = 0;

  constructor(world: World) {
    this.#world = world;
    this.links = new Links(world);
    const { journal, nodes } = world.setting;
    this.#store = journal === "store" || nodes > 1 ? new Store(world, this.links) : null;
    if (this.#store !== null) this.#journals.push(this.#store.journal);
  }

  /** The nodes that run. */
  get nodes(): readonly SimNode[] {
    return [...this.#nodes.values()].filter(({ process }) => process.isAlive);
  }

  /** The journal that the nodes use now. */
  get journal(): RecordedJournal | undefined {
    return this.#journals.at(-1);
  }

  /** True if a journal has dropped something that tabs must be told of. */
  get hasLost(): boolean {
    const { ledger, now } = this.#world;
    return ledger.hasExpired(now) || this.hasEvicted;
  }

  /** True if a journal had too many entries, or too many bytes. */
  get hasEvicted(): boolean {
    return this.#journals.some((journal) => {
      const { bytes = 0, target_limit = 0 } = journal.stats().evicted;
      return bytes + target_limit > 0;
    });
  }

  /** A node that accepts connections and notifications, as a load balancer would choose it. */
  pick(random: Random): SimNode | undefined {
    const ready = this.nodes.filter(({ stoppingSince }) => stoppingSince === null);
    return ready[random.below(ready.length)];
  }

  at(index: number): SimNode | undefined {
    const node = this.#nodes.get(index);
    return node?.process.isAlive ? node : undefined;
  }

  async start(index: number): Promise<void> {
    if (this.at(index) !== undefined || index >= this.#world.setting.nodes) return;
    this.troubledAt = Math.max(this.troubledAt, this.#world.now);
    const { setting, scheduler } = this.#world, name = `node ${index}.${this.#started++}`;
    const random = this.#world.random(`turns of ${name}`);
    const few = setting.turnMs > SLOW_TURN_MS ? 3 : 20; // one of as many turns is a slow one
    const process = new Process(name, {
      skewMs: Math.floor(this.#world.random(`clock of ${name}`).between(-1, 1) * setting.skewMs),
      turnMs: () => random.isOneOf(few) ? random.between(0, setting.turnMs) : random.between(0.01, 0.1),
    });
    await scheduler.act(process, () => {
      const replaceParts = (memory: Backend, core: Core) => this.#replaceParts(memory, { core, process });
      void SimNode.start(this.#world, { process, replaceParts }).then((node) => this.#nodes.set(index, node));
    });
  }

  stop(index: number): Promise<void> {
    return this.#disturb(index, (node) => {
      const stop = () => node.stoppingSince === null ? void node.stop() : undefined;
      this.#world.scheduler.after(0, { label: "SIGTERM", process: node.process }, stop);
    });
  }

  kill(index: number): Promise<void> {
    return this.#disturb(index, (node) => node.kill());
  }

  freeze(index: number, ms: number): Promise<void> {
    const process = this.at(index)?.process, until = this.#world.now + ms;
    this.troubledAt = Math.max(this.troubledAt, until);
    if (process !== undefined) process.suspendedUntil = Math.max(process.suspendedUntil, until);
    return Promise.resolve();
  }

  isolate(index: number): Promise<void> {
    return this.#disturb(index, ({ process }) => this.links.isolate(process));
  }

  heal(index: number): Promise<void> {
    return this.#disturb(index, ({ process, backend: { journal } }) => {
      if (!this.links.isIsolated(process)) return;
      this.links.heal(process);
      if (journal instanceof RemoteJournal) this.#store?.reconnect(journal);
    });
  }

  /** The journal of a node says that entries may be missing. */
  gap(index: number, target: string | null): void {
    const node = this.at(index);
    if (node === undefined) return;
    this.#world.scheduler.after(0, { label: "gap", process: node.process }, () => node.core.feed.gap(target));
  }

  #disturb(index: number, disturb: (node: SimNode) => void): Promise<void> {
    const node = this.at(index);
    if (node === undefined) return Promise.resolve();
    this.troubledAt = Math.max(this.troubledAt, this.#world.now);
    return this.#world.scheduler.act(node.process, () => disturb(node));
  }

  /** Replaces the journal and the nodes of a memory backend. */
  #replaceParts(memory: Backend, { core, process }: { core: Core; process: Process }): Backend {
    const { now, report, slots, config: { maxConnections, retention }, feed } = core;
    const connections = () => slots.taken, capacity = () => core.isDraining() ? 0 : maxConnections;
    if (this.#store === null) {
      const journal = new RecordedJournal(new MemoryJournal(feed, retention, now), this.#world);
      this.#journals.push(journal);
      return { ...memory, journal, nodes: new SingleNode(process.name, { connections, capacity, report }) };
    }
    const journal = new RemoteJournal(this.#world, { process, store: this.#store, feed });
    const load = () => ({ connections: connections(), capacity: capacity() });
    const nodes = new SimNodes(this.#world, { process, links: this.links, all: this.all, load, report });
    const isReachable = () => !this.links.isIsolated(process);
    return {
      ...memory,
      journal,
      nodes,
      isReachable,
      async close() {
        nodes.close();
        await journal.close();
        await memory.close();
      },
    };
  }
}
