/** Tests that FirstTargets selects what sorting everything would. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FirstTargets } from "../../src/cluster/first_targets.ts";
import { Tab } from "../hub/test_hub.ts";

const names = fc.array(fc.string({ maxLength: 3, unit: "binary" }), { maxLength: 200 });

Deno.test("FirstTargets lists the first targets after the cursor, in whatever order and however often they come", () => {
  fc.assert(
    fc.property(names, fc.string({ maxLength: 2 }), fc.integer({ min: 1, max: 20 }), (all, after, limit) => {
      const first = new FirstTargets({ after, limit });
      for (const target of all) if (first.wants(target)) first.add(target, [new Tab("1", target)]);
      const expected = [...new Set(all)].filter((target) => target > after).sort().slice(0, limit);
      assertEquals(first.list().map(({ target }) => target), expected);
    }),
  );
});

Deno.test("FirstTargets counts the connections of a target by their transports, as it has come last", () => {
  const first = new FirstTargets({ after: "", limit: 2 });
  const sse = { ...new Tab("2", "alexander"), transport: "sse" as const };
  first.add("alexander", [new Tab("1", "alexander")]);
  first.add("alexander", [new Tab("1", "alexander"), sse, sse]);
  assertEquals(first.list(), [{ target: "alexander", connections: { websocket: 1, sse: 2 } }]);
});

Deno.test("FirstTargets wants ever fewer of many targets, so few are counted and kept", () => {
  const first = new FirstTargets({ after: "", limit: 10 });
  let added = 0;
  for (let index = 0; index < 100_000; index++) {
    const target = `target-${(index * 7_919) % 100_003}`; // each once, in no order
    if (!first.wants(target)) continue;
    added++;
    first.add(target, []);
  }
  assertEquals(first.list().length, 10);
  assert(added < 1_000, `${added} were added`);
});
