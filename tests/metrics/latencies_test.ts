/** Latencies: which deliveries are measured, and what they count for. */

import { assert, assertEquals } from "@std/assert";
import { Latencies } from "../../src/metrics/latencies.ts";
import { LATENCY_BOUNDS_MS } from "../../src/metrics/metrics.ts";

/** Latencies whose notifications are told when they were accepted by their text. */
function bench() {
  const clock = { now: 1_000, parsed: 0 };
  const latencies = new Latencies({
    acceptedAt(text) {
      clock.parsed++;
      return Number(text);
    },
    now: () => clock.now,
  });
  function delivered(acceptedAt: number, { connectedAt = -Infinity, count = 1 } = {}): void {
    const notifications = Array.from({ length: count }, () => ({ text: `${acceptedAt}` }));
    latencies.delivered({ notifications, connection: { connectedAt } });
  }
  return { latencies, delivered, clock };
}

/** What is in the buckets that have something, by the bound of each. */
function filled({ counts }: { counts: readonly number[] }): Record<string, number> {
  const entries = counts.map((count, index) => [`${LATENCY_BOUNDS_MS[index] ?? "more"}`, count] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}

Deno.test("Latencies has a bucket for each bound, which is in it, and one for what took longer", () => {
  const { latencies, delivered } = bench();
  const empty = latencies.read();
  assertEquals(empty, { counts: [...LATENCY_BOUNDS_MS.map(() => 0), 0], sumMs: 0 });
  for (const ms of [0, 1, 2, 40, 50, 51, 30_000, 30_001]) {
    delivered(1_000 - ms);
    latencies.read(); // the next is measured again
  }
  const read = latencies.read();
  assertEquals(filled(read), { 1: 2, 2: 1, 50: 2, 80: 1, 30000: 1, more: 1 });
  assertEquals(read.sumMs, 60_145);
});

Deno.test("Latencies measures ever fewer deliveries until it is read, and each counts for those before it", () => {
  const { latencies, delivered, clock } = bench();
  for (let batch = 0; batch < 10_000; batch++) delivered(990, { count: 3 });
  assert(clock.parsed < 10_000 / 64 + 10, `${clock.parsed}`);
  const { counts, sumMs } = latencies.read();
  const [count = 0, ...others] = counts.filter((count) => count > 0);
  assertEquals(others, []);
  assert(count > 30_000 - 3 * 64 && count <= 30_000, `${count}`);
  assertEquals(sumMs, 10 * count);

  const before = clock.parsed;
  delivered(990);
  assertEquals(clock.parsed, before + 1, "after it is read, the very next is measured");
});

Deno.test("Latencies does not take a notification that waited for a connection to come for a slow one", () => {
  const { latencies, delivered } = bench();
  delivered(10, { connectedAt: 900 });
  latencies.read();
  delivered(900, { connectedAt: 900 });
  assertEquals(filled(latencies.read()), { 120: 1 });
});

Deno.test("Latencies counts what comes from a clock that is ahead as no time at all", () => {
  const { latencies, delivered } = bench();
  delivered(1_500);
  const read = latencies.read();
  assertEquals([filled(read), read.sumMs], [{ 1: 1 }, 0]);
});
