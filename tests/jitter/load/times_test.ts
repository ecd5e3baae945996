/** Tests of the summary of times. */

import { assertEquals } from "@std/assert";
import { STEPS_MS } from "./plan.ts";
import { timesOf } from "./times.ts";

const at = (milliseconds: number) => STEPS_MS.findIndex((step) => step >= milliseconds * 0.999);

Deno.test("timesOf counts what never happened as later than everything", () => {
  const times = timesOf([10, 1, 5_000], 4);
  assertEquals([times.p50, times.p99, times.max], [10, 5_000, null]);
  assertEquals([1, 10, 100, 10_000].map((step) => times.within[at(step)]), [0.25, 0.5, 0.5, 0.75]);
  assertEquals(timesOf([1], 4).p50, null);
});

Deno.test("timesOf has no times if nothing was expected", () => {
  const { p50, p99, max, within } = timesOf([], 0);
  assertEquals([p50, p99, max, new Set(within)], [null, null, null, new Set([0])]);
});
