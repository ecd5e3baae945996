/** Tests of the bar. */

import { assertEquals } from "@std/assert";
import type { Measured } from "./load/plan.ts";
import { resultOf } from "./sample.ts";
import { summariesOf } from "./summary.ts";
import { verdictsOf } from "./verdict.ts";

/** Returns what is broken if the last of three rounds of Tidings was like this, beside a rival that loses something. */
function brokenBy(more: Partial<Measured>, rival: Partial<Measured> = { delivered: 870 }): string[] {
  const own = [resultOf("tidings", 1), resultOf("tidings", 2), resultOf("tidings", 3, more)];
  const verdicts = verdictsOf(summariesOf([...own, resultOf("ws", 1, rival)]));
  return verdicts.filter(({ passed }) => !passed).map(({ sentence }) => sentence);
}

Deno.test("verdictsOf passes if Tidings delivers everything once and soon", () => {
  assertEquals(brokenBy({}), []);
  assertEquals(brokenBy({}, {}), []); // a rival may do as well
});

Deno.test("verdictsOf judges losses and doubled messages by the worst round", () => {
  assertEquals(brokenBy({ delivered: 999 }), ["in its worst round, Tidings delivered 99.90 %"]);
  assertEquals(brokenBy({ doubled: 1 }), ["Tidings delivered 1 messages twice"]);
});

Deno.test("verdictsOf judges times by the median of the rounds", () => {
  const slow = { ...resultOf("tidings", 1).measured.age, p99: 3_000 };
  assertEquals(brokenBy({ age: slow, replay: slow }), []);
  const all = [1, 2, 3].map((round) => resultOf("tidings", round, { replay: slow, age: slow }));
  assertEquals(verdictsOf(summariesOf(all)).map(({ passed }) => passed), [true, true, false, false]);
});

Deno.test("verdictsOf fails if a rival delivers a larger share", () => {
  const lossy = [resultOf("tidings", 1, { delivered: 990 }), resultOf("centrifugo", 1, { delivered: 991 })];
  assertEquals(verdictsOf(summariesOf(lossy)).at(-1), {
    passed: false,
    sentence: "Centrifugo delivered 99.10 %, and Tidings 99.00 %",
  });
});

Deno.test("verdictsOf judges nothing without Tidings", () => {
  assertEquals(verdictsOf(summariesOf([resultOf("ws", 1)])), []);
});
