/** cumulative and difference: curves of what the tabs have counted. */

import { assertEquals } from "@std/assert";
import { ArrivalCounter, mergeArrivals } from "./clients/arrivals.ts";
import { cumulative, difference } from "./curves.ts";

function arrivals(...times: readonly number[]) {
  const counter = new ArrivalCounter();
  for (const at of times) counter.add(at);
  return counter.arrivals;
}

Deno.test("mergeArrivals adds up counts, and has the first and the last time of all processes", () => {
  const merged = mergeArrivals([arrivals(1_050, 1_260), arrivals(), arrivals(1_010, 1_020)]);
  assertEquals(merged, { count: 4, first: 1_010, last: 1_260, tenths: [[1_000, 3], [1_200, 1]] });
  assertEquals(mergeArrivals([]), { count: 0, first: null, last: null, tenths: [] });
});

Deno.test("cumulative begins with nothing, and steps at the end of each tenth of a second", () => {
  const curve = cumulative(mergeArrivals([arrivals(1_050, 1_260), arrivals(1_010)]), 1_000);
  assertEquals(curve, [[0, 0], [0.1, 2], [0.3, 3]]);
});

Deno.test("difference begins with what was there, and leaves out what happened before", () => {
  const came = arrivals(500, 1_250, 1_350), gone = arrivals(700, 1_150, 1_160);
  const curve = difference(came, { gone, since: 1_000, before: 10 });
  assertEquals(curve.map(([, tabs]) => tabs), [10, 8, 9, 10]);
});
