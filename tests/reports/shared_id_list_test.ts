/** Tests SharedIdList: lists that share an array do not change each other. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { SharedIdList } from "../../src/reports/shared_id_list.ts";

Deno.test("SharedIdList keeps its ids, whatever other lists are made from the same list", () => {
  const steps = fc.array(fc.nat(), { maxLength: 30 });
  fc.assert(fc.property(steps, (steps) => {
    const made = [{ list: SharedIdList.of("a", "b"), ids: ["a", "b"] }];
    for (const [index, step] of steps.entries()) {
      const from = made[step % made.length];
      if (from === undefined) continue;
      made.push({ list: from.list.with(`${index}`), ids: [...from.ids, `${index}`] });
    }
    for (const { list, ids } of made) assertEquals([list.size, [...list]], [ids.length, ids]);
  }));
});
