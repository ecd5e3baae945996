/** Crowd: it is a set that never changes. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { SharedIdList } from "../../src/reports/shared_id_list.ts";

Deno.test("Crowd keeps what it was made of, whatever else goes on from the same ones", () => {
  const steps = fc.array(fc.nat(), { maxLength: 30 });
  fc.assert(fc.property(steps, (steps) => {
    const made = [{ crowd: SharedIdList.of("a", "b"), texts: ["a", "b"] }];
    for (const [index, step] of steps.entries()) {
      const from = made[step % made.length];
      if (from === undefined) continue;
      made.push({ crowd: from.crowd.and(`${index}`), texts: [...from.texts, `${index}`] });
    }
    for (const { crowd, texts } of made) assertEquals([crowd.size, [...crowd]], [texts.length, texts]);
  }));
});
