/** Seen: which notifications have been given. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import * as fc from "fast-check";
import { SeenIds } from "../../src/client/seen.ts";

const HOUR = 3_600_000;

Deno.test("Seen says that a notification is new once an hour, by its id and target, as the simplest model does", () => {
  const step = fc.record({
    target: fc.constantFrom("alexander", "burr", null),
    id: fc.constantFrom("a", "b", "burr", "null"),
    passMs: fc.constantFrom(0, 1, HOUR / 2, HOUR - 1, HOUR),
  });
  fc.assert(fc.property(fc.array(step), (steps) => {
    using time = new FakeTime(0);
    const seen = new SeenIds();
    const model = new Map<string, number>();
    for (const { target, id, passMs } of steps) {
      const key = JSON.stringify([target, id]);
      const isNew = time.now - (model.get(key) ?? -HOUR) >= HOUR;
      assertEquals(seen.add(target, id), isNew);
      if (isNew) model.set(key, time.now);
      time.tick(passMs);
    }
  }));
});

Deno.test("Seen remembers the latest 4,096, and no more", () => {
  const seen = new SeenIds();
  for (let n = 0; n < 4_097; n++) assertEquals(seen.add("alexander", `${n}`), true);
  assertEquals(seen.add("alexander", "4096"), false);
  assertEquals(seen.add("alexander", "1"), false);
  assertEquals(seen.add("alexander", "0"), true, "it went when the 4,097th came");
  assertEquals(seen.add("alexander", "1"), true, "and made room for it");
});
