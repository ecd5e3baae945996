/** Tests SampledTimes: which events are measured, and how many each sample counts for. */

import { assertEquals } from "@std/assert";
import { SampledTimes } from "../../src/metrics/sampled_times.ts";

/** Counts events, and measures those that are to be measured. Returns the numbers of these. */
function run(times: SampledTimes, { events, ms }: { events: number; ms: number }): number[] {
  const measured: number[] = [];
  for (let event = 1; event <= events; event++) {
    times.count(1);
    if (!times.isNext()) continue;
    measured.push(event);
    times.add(ms);
  }
  return measured;
}

Deno.test("SampledTimes measures ever fewer events, at least every 64th, and all again after a reading", () => {
  const times = new SampledTimes();
  assertEquals(run(times, { events: 256, ms: 3 }), [1, 3, 7, 15, 31, 63, 127, 191, 255]);
  const { counts, sumMs } = times.read();
  assertEquals([counts[2], sumMs], [255, 3 * 255]);
  assertEquals(run(times, { events: 4, ms: 3 }), [1, 3]);
});

Deno.test("SampledTimes goes on if an event that was to be measured is never added", () => {
  const times = new SampledTimes();
  assertEquals(times.isNext(), true); // it fails
  assertEquals(run(times, { events: 10, ms: 1 }), [2, 6]);
});
