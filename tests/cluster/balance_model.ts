/** A cluster in numbers: the connections and the capacity of each node, and the tabs that are reconnecting. */

import { Balance, type Load } from "../../src/cluster/balance.ts";
import { createRandom } from "../random.ts";

/** Chooses a node, as a proxy would, for a tab that the node `from` has sent away. */
export type Choose = (nodes: readonly Load[], from: Load) => Load | undefined;

/** A proxy that counts connections. It weights them by capacity. */
export function leastLoaded(nodes: readonly Load[]): Load | undefined {
  const load = ({ connections, capacity }: Load) => connections / capacity;
  return nodes.toSorted((one, other) => load(one) - load(other))[0];
}

export class ClusterModel {
  /** The number of connections that all nodes together have sent away. */
  sent = 0;
  nodes: readonly Load[];
  readonly #balances = new Map<string, Balance>();
  readonly #random: () => number;
  readonly #maxBackOff: number;
  #reported: readonly Load[];
  #away: { readonly returnsAt: number; readonly from: Load }[] = [];
  #ticks = 0;

  /** @param maxBackOff in ticks */
  constructor(nodes: readonly Load[], { seed, maxBackOff }: { seed: number; maxBackOff: number }) {
    this.nodes = this.#reported = nodes;
    this.#random = createRandom(seed);
    this.#maxBackOff = maxBackOff;
  }

  /** The connections above their node's share, on all nodes together. */
  get excess(): number {
    return this.#overShare().reduce((sum, { over }) => sum + Math.max(0, over), 0);
  }

  /** The largest excess of a node, relative to its share. Ten connections or fewer do not count. */
  get unevenness(): number {
    return Math.max(...this.#overShare().map(({ over, share }) => over <= 10 ? 0 : over / share));
  }

  pass(ticks: number, choose: Choose = leastLoaded): void {
    for (let passed = 0; passed < ticks; passed++) this.#tick(choose);
  }

  /** Each node knows the loads that the others reported a tick ago. */
  #tick(choose: Choose): void {
    const reported = this.#reported;
    this.#reported = this.nodes;
    for (const node of this.nodes) {
      const { max } = this.#balanceOf(node).tick(node, reported.filter((other) => other.node !== node.node));
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
    this.#away.push({ returnsAt: this.#ticks + 1 + Math.floor(this.#random() * this.#maxBackOff), from });
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
