/** Tests LatestIds: it finds the same ids as a Map would, and drops the oldest. */

import { assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { LatestIds } from "../../src/reports/latest_ids.ts";

Deno.test("LatestIds finds exactly the ids that were added and not dropped, from any starting point", () => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom("a", "b", "ab", "ba", "aa", "bb", "aaa", "é", "名").map((id) => ({ id })),
    },
    { weight: 1, arbitrary: fc.constant("drop" as const) },
  );
  const steps = fc.array(step, { maxLength: 60 });
  const sequences = fc.infiniteStream(fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), steps, sequences, (capacity, steps, sequences) => {
      const latest = new LatestIds(capacity);
      let model: { id: string; number: number }[] = [], added = 0;
      for (const step of steps) {
        if (step === "drop") {
          latest.dropOldest();
          model = model.slice(1);
        } else if (model.length < capacity && model.every(({ id }) => id !== step.id)) {
          const number = latest.add(step.id);
          assertEquals(number, ++added);
          model.push({ id: step.id, number });
        }
        const order = step === "drop" ? model : model.toReversed(); // oldest first and newest first
        for (const { id, number } of order) {
          assertEquals(latest.numberOf(id, sequences.next().value), number);
        }
        for (const { id } of model) assertEquals(latest.isNewest(id), id === model.at(-1)?.id);
        assertEquals([latest.size, latest.oldest], [model.length, model[0]?.number ?? added + 1]);
        for (const id of ["a", "b", "ab", "ba", "aa", "bb", "aaa", "é", "名", ""]) {
          if (model.every((one) => one.id !== id)) assertEquals(latest.numberOf(id), 0);
        }
      }
    }),
  );
});

Deno.test("LatestIds finds the newer of two equal ids after the older one was released", () => {
  const latest = new LatestIds(4);
  const [older, between] = [latest.add("a"), latest.add("b")];
  assertEquals([latest.numberOf("a", 1), latest.numberOf("b", 2)], [older, between]);
  latest.releaseId(older);
  assertEquals(latest.numberOf("a"), 0);
  const newer = latest.add("a");
  assertEquals([latest.numberOf("a", 1), latest.numberOf("b"), latest.numberOf("a", 3)], [
    newer,
    between,
    newer,
  ]);
  assertEquals([latest.size, latest.oldest], [3, older]);
});

Deno.test("LatestIds refuses an id without room for it", () => {
  const latest = new LatestIds(1);
  latest.add("a");
  assertThrows(() => latest.add("b"), RangeError);
  assertEquals([latest.numberOf("a"), latest.numberOf("b")], [1, 0]);
});
