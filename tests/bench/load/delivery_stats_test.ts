/** DeliveryStats: what it counts, and which latencies it records. */

import { assertEquals } from "@std/assert";
import { DeliveryStats } from "./delivery_stats.ts";

const at = (first: number | null, now: number) => ({ first, now: () => now });

Deno.test("DeliveryStats counts what was stamped before a time, and records the latency only of the rest", () => {
  const stats = new DeliveryStats({ timed: 1 });
  stats.timeFrom(5_000);
  stats.add(2, at(4_999, 100_000));
  stats.add(1, at(5_000, 7_000));
  assertEquals(stats.delivered, 3);
  assertEquals(new Set(stats.latencies()), new Set([2]));
});

Deno.test("DeliveryStats records one of several latencies", () => {
  const stats = new DeliveryStats({ timed: 4 });
  for (let n = 0; n < 7; n++) stats.add(1, at(0, n * 1_000));
  assertEquals(stats.latencies().at(-1), 3);
});

Deno.test("DeliveryStats counts frames without a stamp", () => {
  const stats = new DeliveryStats({ timed: 1 });
  stats.add(3, at(null, 0));
  assertEquals(stats.delivered, 3);
});
