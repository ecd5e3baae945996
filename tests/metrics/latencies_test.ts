/** Tests Latencies: which deliveries are measured, and how many each sample counts for. */

import { assert, assertEquals } from "@std/assert";
import { Latencies } from "../../src/metrics/latencies.ts";
import { LATENCY_BOUNDS_MS } from "../../src/metrics/metrics.ts";

/** The text of a notification is the time at which it was accepted. `parsed` counts how often it is read. */
function setUp() {
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

/** The counts of all buckets that are not empty, by their bounds. */
function nonEmpty({ counts }: { counts: readonly number[] }): Record<string, number> {
  const entries = counts.map((count, index) => [`${LATENCY_BOUNDS_MS[index] ?? "more"}`, count] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}

Deno.test("Latencies has a bucket for each inclusive bound, and one for everything slower", () => {
  const { latencies, delivered } = setUp();
  const empty = latencies.read();
  assertEquals(empty, { counts: [...LATENCY_BOUNDS_MS.map(() => 0), 0], sumMs: 0 });
  for (const ms of [0, 1, 2, 40, 50, 51, 30_000, 30_001]) {
    delivered(1_000 - ms);
    latencies.read(); // so that the next delivery is measured
  }
  const read = latencies.read();
  assertEquals(nonEmpty(read), { 1: 2, 2: 1, 50: 2, 80: 1, 30000: 1, more: 1 });
  assertEquals(read.sumMs, 60_145);
});

Deno.test("Latencies measures ever fewer deliveries until it is read, and each sample counts for those before it", () => {
  const { latencies, delivered, clock } = setUp();
  for (let batch = 0; batch < 10_000; batch++) delivered(990, { count: 3 });
  assert(clock.parsed < 10_000 / 64 + 10, `${clock.parsed}`);
  const { counts, sumMs } = latencies.read();
  const [count = 0, ...others] = counts.filter((count) => count > 0);
  assertEquals(others, []);
  assert(count > 30_000 - 3 * 64 && count <= 30_000, `${count}`);
  assertEquals(sumMs, 10 * count);

  const parsedBefore = clock.parsed;
  delivered(990);
  assertEquals(clock.parsed, parsedBefore + 1, "the first delivery after a reading is measured");
});

Deno.test("Latencies ignores a notification that was accepted before the connection opened", () => {
  const { latencies, delivered } = setUp();
  delivered(10, { connectedAt: 900 });
  latencies.read();
  delivered(900, { connectedAt: 900 });
  assertEquals(nonEmpty(latencies.read()), { 120: 1 });
});

Deno.test("Latencies counts a notification from a clock that is ahead as 0 ms", () => {
  const { latencies, delivered } = setUp();
  delivered(1_500);
  const read = latencies.read();
  assertEquals([nonEmpty(read), read.sumMs], [{ 1: 1 }, 0]);
});
