/** Sums up a sample of times, in which what never happened counts as later than everything. */

import { percentiles } from "../../bench/load/percentiles.ts";
import { STEPS_MS, type Times } from "./plan.ts";

/** @param expected how many times there would be if everything had happened */
export function timesOf(sample: readonly number[], expected: number): Times {
  const missing = Array.from({ length: expected - sample.length }, () => Infinity);
  const [p50 = Infinity, p99 = Infinity, max = Infinity] = percentiles([...sample, ...missing], [
    50,
    99,
    100,
  ]);
  const sorted = Float64Array.from(sample).sort();
  let count = 0;
  const within = STEPS_MS.map((step) => {
    while (count < sorted.length && (sorted[count] ?? Infinity) <= step) count++;
    return expected === 0 ? 0 : count / expected;
  });
  return { p50: finite(p50), p99: finite(p99), max: finite(max), within };
}

/** JSON has no infinity. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
