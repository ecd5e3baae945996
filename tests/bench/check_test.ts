import { assertEquals, assertThrows } from "@std/assert";
import { checkedScenarios, type Limit, LIMITS, verdictOf } from "./check.ts";
import { rowOf } from "./sample.ts";

function verdict(limit: Limit, { own, floor }: { own: number[]; floor: number[] }) {
  const row = rowOf("Tidings, memory", own, limit.scenario);
  return verdictOf(limit, { row, rows: [row, rowOf("Deno floor", floor, limit.scenario)] });
}

Deno.test("A ratio at its limit passes", () => {
  assertEquals(verdict({ scenario: "single", least: 0.8 }, { own: [80, 1, 90], floor: [100] }), {
    passed: true,
    sentence:
      "single: deliveries/s of Tidings, memory is 0.80 times the floor's, and has to be at least 0.8 times.",
  });
});

Deno.test("A ratio below the least fails, with a sentence that says what is worse", () => {
  assertEquals(verdict({ scenario: "single", least: 0.8 }, { own: [70], floor: [100] }), {
    passed: false,
    sentence:
      "single: deliveries/s of Tidings, memory is 0.70 times the floor's, but has to be at least 0.8 times.",
  });
});

Deno.test("A ratio above the most fails", () => {
  const limit = { scenario: "single", max: 2 };
  assertEquals(verdict(limit, { own: [200], floor: [100] }).passed, true);
  assertEquals(verdict(limit, { own: [201], floor: [100] }), {
    passed: false,
    sentence:
      "single: deliveries/s of Tidings, memory is 2.01 times the floor's, but has to be at most 2 times.",
  });
});

Deno.test("What cannot be compared fails", () => {
  assertEquals(verdict({ scenario: "single", least: 0.8 }, { own: [70], floor: [] }), {
    passed: false,
    sentence: "single: deliveries/s of Tidings, memory could not be compared to the floor.",
  });
});

Deno.test("Each limit is of a scenario that there is, and bounds something", () => {
  assertEquals(checkedScenarios().map(({ name }) => name), LIMITS.map(({ scenario }) => scenario));
  for (const { least, max } of LIMITS) assertEquals(least === undefined && max === undefined, false);
  assertThrows(() => checkedScenarios([{ scenario: "nothing", least: 1 }]), Error, "nothing");
});
