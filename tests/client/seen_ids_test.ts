/** SeenIds: the notifications that were delivered. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { SeenIds } from "../../src/client/seen_ids.ts";

Deno.test("SeenIds knows a notification by its id and its time, as a simple model does", () => {
  const step = fc.record({
    id: fc.constantFrom("a", "b", "burr", "null"),
    at: fc.constantFrom("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.001Z"),
  });
  fc.assert(fc.property(fc.array(step), (steps) => {
    const seen = new SeenIds();
    const model = new Set<string>();
    for (const notification of steps) {
      const key = JSON.stringify([notification.id, notification.at]);
      assertEquals(seen.add(notification), !model.has(key));
      model.add(key);
    }
  }));
});

Deno.test("SeenIds remembers the latest 4,096 notifications", () => {
  const seen = new SeenIds();
  const add = (n: number) => seen.add({ id: `${n}`, at: "" });
  for (let n = 0; n < 4_097; n++) assertEquals(add(n), true);
  assertEquals(add(4_096), false);
  assertEquals(add(1), false);
  assertEquals(add(0), true, "the 4,097th replaced it");
  assertEquals(add(1), true, "it made room for 0");
});
