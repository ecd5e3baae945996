/** History: what was seen of each node, look by look. */

import { assertEquals } from "@std/assert";
import { History } from "../../../src/pages/console/history.js";
import { METRICS } from "../../metrics/sample_metrics.ts";

/** What nodes say at a time, in seconds. */
function sight(seconds: number, names: readonly string[], silent: readonly string[] = []) {
  const nodes = names.map((node) => ({ node, ...METRICS, at: 1_000 * seconds, delivered: 10 * seconds }));
  return { nodes, silent };
}

/** Of each node, its deliveries a second, look by look; null: it was silent, undefined: there is no rate yet. */
function deliveredIn(history: History): Record<string, unknown[]> {
  const entries = [...history.nodes].map(([node, { values }]) => [node, values.map(rateOf)]);
  return Object.fromEntries(entries);
}

function rateOf(value: { delivered?: number } | null): unknown {
  return value === null ? null : value.delivered;
}

Deno.test("History has a value of each node for each look, and null where it was silent or not there", () => {
  const history = new History();
  history.add(sight(1, ["n1"]), 1);
  history.add(sight(2, ["n1", "n2"]), 2);
  history.add(sight(3, ["n2"], ["n1"]), 3);
  history.add(sight(4, ["n1"]), 4);
  assertEquals(history.times, [1, 2, 3, 4]);
  assertEquals(deliveredIn(history), { n1: [undefined, 10, null, 10], n2: [null, undefined, 10, null] });
});

Deno.test("History tells how full the fullest outbox is, and how many connections there are", () => {
  const history = new History();
  history.add(sight(1, ["n1"]), 1);
  const [value] = history.nodes.get("n1").values;
  assertEquals([value.connections, value.behind, value.outbox], [3, 1, 0.6]);
});

Deno.test("History forgets what is older than three minutes, and nodes that have been gone for so long", () => {
  const history = new History();
  history.add(sight(0, ["n1", "n2"]), 0);
  for (let seconds = 1; seconds <= 200; seconds++) history.add(sight(seconds, ["n1"]), seconds);
  assertEquals([history.times.length, history.times[0]], [180, 21]);
  assertEquals([...history.nodes.keys()], ["n1"]);
  assertEquals(history.nodes.get("n1").values.length, 180);
});
