/** Tests of the distribution of stalled tabs. */

import { assertEquals } from "@std/assert";
import type { Plan } from "./plan.ts";
import { isStalled, readersOf } from "./tabs.ts";

const plan: Plan = {
  tabs: 3_000,
  targets: 1_000,
  stalled: true,
  missed: 0,
  publishers: 1,
  over: "requests",
  unanswered: 1,
  batch: 1,
  rate: null,
  until: { requests: 1 },
};

Deno.test("isStalled selects one tab of ten, and at most one of a target with three", () => {
  const stalled = Array.from({ length: plan.tabs }, (_, tab) => tab).filter((tab) => isStalled(tab, plan));
  assertEquals(stalled.length, 300);
  assertEquals(new Set(stalled.map((tab) => tab % plan.targets)).size, 300);
});

Deno.test("readersOf counts the tabs of each target that are not stalled", () => {
  const readers = readersOf(plan);
  assertEquals(readers.filter((count) => count === 3).length, 700);
  assertEquals(readers.filter((count) => count === 2).length, 300);
  assertEquals(readersOf({ ...plan, targets: 1 }), [2_700]);
  assertEquals(readersOf({ ...plan, targets: 1, stalled: false }), [3_000]);
});
