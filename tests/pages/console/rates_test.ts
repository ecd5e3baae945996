/** Tests of the rates between two samples, and of the latency quantiles. */

import { assert, assertEquals } from "@std/assert";
import { LATENCY_BOUNDS_MS } from "../../../src/metrics/metrics.ts";
import { BOUNDS_MS, quantile, ratesBetween } from "../../../src/pages/console/rates.js";
import { METRICS } from "../../metrics/sample_metrics.ts";

/** Builds the counts of all buckets from those that are not zero, by upper bound. */
function countsOf(filled: Record<number, number>): number[] {
  return [...LATENCY_BOUNDS_MS, Infinity].map((bound) => filled[bound] ?? 0);
}

Deno.test("The console uses the latency buckets of the service", () => {
  assertEquals(BOUNDS_MS, LATENCY_BOUNDS_MS);
});

Deno.test("quantile interpolates within the bucket that it falls into", () => {
  assertEquals(quantile(countsOf({}), 0.5), null);
  assertEquals(quantile(countsOf({ 1: 10 }), 0.5), 0.5);
  assertEquals(quantile(countsOf({ 1: 96, 50: 4 }), 0.99), 45, "between 30 and 50");
  assertEquals(quantile(countsOf({ 2: 1, 20: 1 }), 0.5), 2);
  assertEquals(quantile(countsOf({ [Infinity]: 3 }), 0.5), 30_000, "the last bucket has no upper bound");
});

Deno.test("ratesBetween uses the clock of the node", () => {
  const later = {
    ...METRICS,
    at: METRICS.at + 2_000,
    accepted: METRICS.accepted + 10,
    delivered: METRICS.delivered + 30,
    cpuSeconds: { process: 100, eventLoop: METRICS.cpuSeconds.eventLoop + 0.5 },
    fellBehind: METRICS.fellBehind + 3,
    ended: { ...METRICS.ended, 4200: 2 },
    latency: { ...METRICS.latency, counts: METRICS.latency.counts.with(0, 100) },
  };
  assertEquals(ratesBetween(METRICS, later), {
    accepted: 5,
    delivered: 15,
    cpu: 25,
    slow: 2,
    p50: 0.5,
    p99: 0.99,
  });
});

Deno.test("ratesBetween returns null for a node that is new, has restarted, or has no newer sample", () => {
  const later = { ...METRICS, at: METRICS.at + 1_000 };
  assertEquals(ratesBetween(undefined, METRICS), null);
  assertEquals(ratesBetween(METRICS, { ...later, startedAt: METRICS.startedAt + 500 }), null);
  assertEquals(ratesBetween(METRICS, METRICS), null);
  assert(ratesBetween(METRICS, later) !== null);
});
