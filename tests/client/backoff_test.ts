/** backoffMs: the delay before a reconnection. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { backoffMs } from "../../src/client/backoff.ts";

Deno.test("backoffMs is random, between 0 and a limit that doubles from 0.5 s to 20 s", () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(fc.nat(), chance, (failures, random) => {
    const ms = backoffMs(failures, () => random);
    assert(ms >= 0 && ms < Math.min(20_000, 500 * 2 ** failures));
    assertEquals(ms, random * backoffMs(failures, () => 1));
  }));
  assertEquals([0, 1, 2, 5, 6, 5_000].map((failures) => backoffMs(failures, () => 1)), [
    500,
    1_000,
    2_000,
    16_000,
    20_000,
    20_000,
  ]);
});
