/** A service in numbers: how many connections each node has, how many it may have, and tabs on their way. */

import { Balance, type Load } from "../../src/cluster/balance.ts";
import { createRandom } from "../random.ts";

/** How a proxy chooses a node for a tab that was sent away by a node. */
export type Choose = (nodes: readonly Load[], from: Load) => Load | undefined;

/** Nodes with different capacities have to have weights. */
export function leastLoaded(nodes: readonly Load[]): Load | undefined {
  const load = ({ connections, capacity }: Load) => connections / capacity;
  return nodes.toSorted((one, other) => load(one) - load(other))[0];
}

export class ClusterModel {
  /** How many were sent away, by all nodes. */
  sent = 0;
  nodes: readonly Load[];
  readonly #balances = new Map<string, Balance>();
  readonly #random: () => number;
  readonly #longestBackOff: number;
  #told: readonly Load[];
  #away: { readonly returnsAt: number; readonly from: Load }[] = [];
  #ticks = 0;

  /** @param longestBackOff in ticks */
  constructor(nodes: readonly Load[], { seed, longestBackOff }: { seed: number; longestBackOff: number }) {
    this.nodes = this.#told = nodes;
    this.#random = createRandom(seed);
    this.#longestBackOff = longestBackOff;
  }

  /** How much the nodes that have too many have too many. */
  get excess(): number {
    return this.#overShare().reduce((sum, { over }) => sum + Math.max(0, over), 0);
  }

  /** Of the node that has the most too many: how much of its share that is; few are none. */
  get unevenness(): number {
    return Math.max(...this.#overShare().map(({ over, share }) => over <= 10 ? 0 : over / share));
  }

  pass(ticks: number, choose: Choose = leastLoaded): void {
    for (let passed = 0; passed < ticks; passed++) this.#tick(choose);
  }

  /** Of the others, each node knows only what they told a tick ago. */
  #tick(choose: Choose): void {
    const told = this.#told;
    this.#told = this.nodes;
    for (const node of this.nodes) {
      const { max } = this.#balanceOf(node).tick(node, told.filter((other) => other.node !== node.node));
      this.#add(node, -max);
      for (let sent = 0; sent < max; sent++) this.#sendAway(node);
    }
    this.#ticks++;
    const back = this.#away.filter(({ returnsAt }) => returnsAt <= this.#ticks);
    this.#away = this.#away.filter(({ returnsAt }) => returnsAt > this.#ticks);
    for (const { from } of back) {
      const node = choose(this.nodes, from);
      if (node !== undefined) this.#add(node, 1);
    }
  }

  #sendAway(from: Load): void {
    this.sent++;
    this.#away.push({ returnsAt: this.#ticks + 1 + Math.floor(this.#random() * this.#longestBackOff), from });
  }

  #add({ node }: Load, count: number): void {
    this.nodes = this.nodes.map((one) =>
      one.node === node ? { ...one, connections: one.connections + count } : one
    );
  }

  #balanceOf({ node }: Load): Balance {
    const balance = this.#balances.get(node) ?? new Balance();
    this.#balances.set(node, balance);
    return balance;
  }

  #overShare(): readonly { readonly over: number; readonly share: number }[] {
    const sum = (of: "connections" | "capacity") => this.nodes.reduce((total, one) => total + one[of], 0);
    return this.nodes.map(({ connections, capacity }) => {
      const share = (sum("connections") + this.#away.length) * capacity / sum("capacity");
      return { over: connections - share, share };
    });
  }
}
