/** The recent metrics of every node, one sample per snapshot, for the three minutes that the charts show. */

import { ratesBetween } from "./rates.js";

const MAX_SAMPLES = 180;

export class History {
  /** When each snapshot arrived, in seconds since 1970. */
  times = [];
  /**
   * By node name: its state, its latest metrics, and one sample per time, which is null where it did not
   * report.
   */
  nodes = new Map();

  /** @param snapshot the nodes with their metrics, and the names of the nodes that did not answer */
  add({ nodes, silent }, seconds = Date.now() / 1000) {
    for (const { node, ...metrics } of nodes) this.#addSample(node, metrics);
    for (const node of silent) this.#addGap(node, "silent");
    const listed = new Set([...nodes.map(({ node }) => node), ...silent]);
    for (const node of this.nodes.keys()) if (!listed.has(node)) this.#addGap(node, "gone");
    this.times.push(seconds);
    if (this.times.length > MAX_SAMPLES) this.#dropOldest();
  }

  #addSample(name, metrics) {
    const node = this.#node(name);
    node.values.push({ ...valuesOf(metrics), ...ratesBetween(node.metrics, metrics) });
    node.metrics = metrics;
    node.state = "present";
  }

  #addGap(name, state) {
    const node = this.#node(name);
    node.values.push(null);
    node.state = state;
  }

  #node(name) {
    const known = this.nodes.get(name);
    if (known !== undefined) return known;
    const node = { metrics: undefined, state: "present", values: this.times.map(() => null) };
    this.nodes.set(name, node);
    return node;
  }

  #dropOldest() {
    this.times.shift();
    for (const [name, { values }] of this.nodes) {
      values.shift();
      if (values.every((value) => value === null)) this.nodes.delete(name);
    }
  }
}

/** A node of an earlier version does not say how large its journal may become. */
function valuesOf({ connections, outbox, behind, eventLoopLagSeconds, journal: { bytes } }) {
  return {
    connections: connections.websocket + connections.sse,
    outbox: 100 * outbox.taken / outbox.capacity,
    behind,
    lag: 1000 * eventLoopLagSeconds,
    journal: bytes.capacity === 0 ? null : 100 * bytes.taken / bytes.capacity,
  };
}
