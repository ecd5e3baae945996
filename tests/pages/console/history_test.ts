/** Tests of the history of all nodes. */

import { assertEquals } from "@std/assert";
import { History } from "../../../src/pages/console/history.js";
import { METRICS } from "../../metrics/sample_metrics.ts";

/** Builds a snapshot at a time in seconds. */
function snapshot(seconds: number, names: readonly string[], silent: readonly string[] = []) {
  const nodes = names.map((node) => ({ node, ...METRICS, at: 1_000 * seconds, delivered: 10 * seconds }));
  return { nodes, silent };
}

/** Returns each node's deliveries per second. Null: the node was silent. Undefined: there is no rate yet. */
function deliveryRates(history: History): Record<string, unknown[]> {
  const entries = [...history.nodes].map(([node, { values }]) => [node, values.map(rateOf)]);
  return Object.fromEntries(entries);
}

function rateOf(value: { delivered?: number } | null): unknown {
  return value === null ? null : value.delivered;
}

Deno.test("History has one sample per node and snapshot, and null where the node was silent or absent", () => {
  const history = new History();
  history.add(snapshot(1, ["n1"]), 1);
  history.add(snapshot(2, ["n1", "n2"]), 2);
  history.add(snapshot(3, ["n2"], ["n1"]), 3);
  history.add(snapshot(4, ["n1"]), 4);
  assertEquals(history.times, [1, 2, 3, 4]);
  assertEquals(deliveryRates(history), { n1: [undefined, 10, null, 10], n2: [null, undefined, 10, null] });
});

Deno.test("History records how full the fullest outbox is, and the number of connections", () => {
  const history = new History();
  history.add(snapshot(1, ["n1"]), 1);
  const [value] = history.nodes.get("n1").values;
  assertEquals([value.connections, value.behind, value.outbox], [3, 1, 0.6]);
});

Deno.test("History records the lag, and how full the journal is unless a node does not say", () => {
  const history = new History();
  const journal = { ...METRICS.journal, bytes: { taken: 30, capacity: 200 } };
  const unknown = { ...METRICS.journal, bytes: { taken: 0, capacity: 0 } };
  history.add({ nodes: [{ node: "n1", ...METRICS, journal }], silent: [] }, 1);
  history.add({ nodes: [{ node: "n1", ...METRICS, journal: unknown }], silent: [] }, 2);
  const [known, old] = history.nodes.get("n1").values;
  assertEquals([known.lag, known.journal, old.journal], [125, 15, null]);
});

Deno.test("History drops samples older than three minutes, and nodes that have been gone for as long", () => {
  const history = new History();
  history.add(snapshot(0, ["n1", "n2"]), 0);
  for (let seconds = 1; seconds <= 200; seconds++) history.add(snapshot(seconds, ["n1"]), seconds);
  assertEquals([history.times.length, history.times[0]], [180, 21]);
  assertEquals([...history.nodes.keys()], ["n1"]);
  assertEquals(history.nodes.get("n1").values.length, 180);
});
