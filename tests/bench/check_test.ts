/** Tests of the performance check. */

import { assertEquals, assertThrows } from "@std/assert";
import { checkedScenarios, type Limit, LIMITS, verdictOf } from "./check.ts";
import { rowOf } from "./sample.ts";

function verdict(limit: Limit, { own, floor }: { own: number[]; floor: number[] }) {
  const row = rowOf("Tidings, memory", own, limit.scenario);
  return verdictOf(limit, { row, rows: [row, rowOf("Deno floor", floor, limit.scenario)] });
}

Deno.test("verdictOf passes a ratio at its limit", () => {
  assertEquals(verdict({ scenario: "single", min: 0.8 }, { own: [80, 1, 90], floor: [100] }), {
    passed: true,
    sentence:
      "single: deliveries/s of Tidings, memory is 0.80 times the floor's, and has to be at least 0.8 times.",
  });
});

Deno.test("verdictOf fails a ratio below the minimum, with a sentence that says what is worse", () => {
  assertEquals(verdict({ scenario: "single", min: 0.8 }, { own: [70], floor: [100] }), {
    passed: false,
    sentence:
      "single: deliveries/s of Tidings, memory is 0.70 times the floor's, but has to be at least 0.8 times.",
  });
});

Deno.test("verdictOf fails a ratio above the maximum", () => {
  const limit = { scenario: "single", max: 2 };
  assertEquals(verdict(limit, { own: [200], floor: [100] }).passed, true);
  assertEquals(verdict(limit, { own: [201], floor: [100] }), {
    passed: false,
    sentence:
      "single: deliveries/s of Tidings, memory is 2.01 times the floor's, but has to be at most 2 times.",
  });
});

Deno.test("verdictOf fails a figure that cannot be compared", () => {
  assertEquals(verdict({ scenario: "single", min: 0.8 }, { own: [70], floor: [] }), {
    passed: false,
    sentence: "single: deliveries/s of Tidings, memory could not be compared to the floor.",
  });
});

Deno.test("Each limit names a scenario that exists, and has a bound", () => {
  assertEquals(checkedScenarios().map(({ name }) => name), LIMITS.map(({ scenario }) => scenario));
  for (const { min, max } of LIMITS) assertEquals(min === undefined && max === undefined, false);
  assertThrows(() => checkedScenarios([{ scenario: "nothing", min: 1 }]), Error, "nothing");
});
