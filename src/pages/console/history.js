/** History: what was seen of each node, look by look, for as long as the charts show. */

import { ratesBetween } from "./rates.js";

const MAX_LOOKS = 180;

export class History {
  /** When it was looked, in seconds since 1970. */
  times = [];
  /** By the node's name: what it said last, and its values at those times. Null: nothing was heard of it. */
  nodes = new Map();

  /** @param sight what the service told: the nodes with their metrics, and the names of those that are silent */
  add({ nodes, silent }, seconds = Date.now() / 1000) {
    for (const { node, ...metrics } of nodes) this.#take(node, metrics);
    for (const node of silent) this.#miss(node, "silent");
    const heard = new Set([...nodes.map(({ node }) => node), ...silent]);
    for (const node of this.nodes.keys()) if (!heard.has(node)) this.#miss(node, "gone");
    this.times.push(seconds);
    if (this.times.length > MAX_LOOKS) this.#forgetOldest();
  }

  #take(node, metrics) {
    const seen = this.#seen(node);
    seen.values.push({ ...valuesOf(metrics), ...ratesBetween(seen.metrics, metrics) });
    seen.metrics = metrics;
    seen.state = "there";
  }

  #miss(node, state) {
    const seen = this.#seen(node);
    seen.values.push(null);
    seen.state = state;
  }

  #seen(node) {
    const known = this.nodes.get(node);
    if (known !== undefined) return known;
    const seen = { metrics: undefined, state: "there", values: this.times.map(() => null) };
    this.nodes.set(node, seen);
    return seen;
  }

  #forgetOldest() {
    this.times.shift();
    for (const [node, { values }] of this.nodes) {
      values.shift();
      if (values.every((value) => value === null)) this.nodes.delete(node);
    }
  }
}

function valuesOf({ connections, outbox, behind }) {
  return {
    connections: connections.websocket + connections.sse,
    outbox: 100 * outbox.taken / outbox.capacity,
    behind,
  };
}
