/** The metrics of isolates together are those of their process. */

import { assertEquals } from "@std/assert";
import { mergeMetrics } from "../../src/metrics/merged_metrics.ts";
import { METRICS } from "./sample_metrics.ts";

Deno.test("mergeMetrics adds what isolates count, and keeps what they have in common", () => {
  const merged = mergeMetrics([METRICS, METRICS, METRICS]);
  assertEquals(mergeMetrics([METRICS]), METRICS);
  assertEquals(merged.connections, { websocket: 6, sse: 3 });
  assertEquals(merged.slots, { taken: 12, capacity: 10 });
  assertEquals(merged.feed, { taken: 15, capacity: 300 });
  assertEquals(merged.latency.counts, METRICS.latency.counts.map((count) => 3 * count));
  assertEquals(merged.limited, { "key-requests": { billing: 102 }, attempts: { "": 105 } });
  const { journal, scheduled, sheds } = METRICS;
  assertEquals([merged.journal, merged.scheduled, merged.sheds], [journal, scheduled, sheds]);
});

Deno.test("mergeMetrics has every counter that one of the isolates has", () => {
  const other = { ...METRICS, pushes: { gone: 1 }, limited: { connections: { "": 2 } }, outboxTable: null };
  const merged = mergeMetrics([other, METRICS]);
  assertEquals(merged.pushes, { gone: 1, sent: 13, later: 14 });
  assertEquals(Object.keys(merged.limited), ["connections", "key-requests", "attempts"]);
  assertEquals(merged.outboxTable, METRICS.outboxTable);
});
