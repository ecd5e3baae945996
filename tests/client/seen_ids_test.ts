/** SeenIds: the ids of delivered notifications. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import * as fc from "fast-check";
import { SeenIds } from "../../src/client/seen_ids.ts";

const HOUR = 3_600_000;

Deno.test("SeenIds reports an id as new once an hour for each target, as a simple model does", () => {
  const step = fc.record({
    target: fc.constantFrom("alexander", "burr", null),
    id: fc.constantFrom("a", "b", "burr", "null"),
    elapsedMs: fc.constantFrom(0, 1, HOUR / 2, HOUR - 1, HOUR),
  });
  fc.assert(fc.property(fc.array(step), (steps) => {
    using time = new FakeTime(0);
    const seen = new SeenIds();
    const model = new Map<string, number>();
    for (const { target, id, elapsedMs } of steps) {
      const key = JSON.stringify([target, id]);
      const isNew = time.now - (model.get(key) ?? -HOUR) >= HOUR;
      assertEquals(seen.add(target, id), isNew);
      if (isNew) model.set(key, time.now);
      time.tick(elapsedMs);
    }
  }));
});

Deno.test("SeenIds remembers the latest 4,096 ids", () => {
  const seen = new SeenIds();
  for (let n = 0; n < 4_097; n++) assertEquals(seen.add("alexander", `${n}`), true);
  assertEquals(seen.add("alexander", "4096"), false);
  assertEquals(seen.add("alexander", "1"), false);
  assertEquals(seen.add("alexander", "0"), true, "the 4,097th id replaced it");
  assertEquals(seen.add("alexander", "1"), true, "it made room for id 0");
});
