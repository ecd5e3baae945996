/** checkClock: the least difference that explains what a server said. */

import { assertEquals, assertMatch } from "@std/assert";
import { checkClock, skewOf } from "../../../src/cli/checks/clock.ts";

/** A request that was sent at 10 s and answered at 10.2 s. */
const ASKED = { asked: 10_000, answered: 10_200 };

for (
  const [time, precisionMs, skew] of [
    [10_000, 1, 0],
    [10_200, 1, 0],
    [9_000, 1_000, 0], // `Date` is rounded down
    [9_000, 1, 999],
    [10_700, 1, -500],
    [11_000, 1_000, -800],
    [3_000, 1_000, 6_000],
  ] as const
) {
  Deno.test(`skewOf finds ${skew} ms if a server says ${time}, precise to ${precisionMs} ms`, () => {
    assertEquals(skewOf({ ...ASKED, time, precisionMs }), skew);
  });
}

Deno.test("checkClock warns of what shows in metrics, fails at what tokens do not tolerate, and skips without a server", () => {
  const statusOf = (skew: number) =>
    checkClock([{ ...ASKED, server: "NATS", time: 10_200 + skew, precisionMs: 0 }])
      .map(({ status, message }) => `${status} ${message.replace(/\d+/, "N")}`);
  assertEquals(statusOf(500), ["ok it agrees with that of NATS"]);
  assertEquals(statusOf(501), ["warn it is at least N ms behind that of NATS"]);
  assertEquals(statusOf(5_001), ["fail it is at least N ms behind that of NATS"]);
  assertEquals(statusOf(-5_701), ["fail it is at least N ms ahead of that of NATS"]);
  assertMatch(checkClock([])[0]?.status ?? "", /^skip$/);
});
