/** Times that nodes store and send to each other. */

import { assertEquals } from "@std/assert";
import { toRfc3339 } from "../../src/wire/rfc3339.ts";
import { isTime, Time } from "../../src/wire/time.ts";

const FIRST = Date.parse("0000-01-01T00:00:00.000Z"), LAST = Date.parse("9999-12-31T23:59:59.999Z");

Deno.test("Time and isTime accept what RFC 3339 can express, and nothing else", () => {
  for (const ms of [FIRST, -1, 0, LAST]) {
    assertEquals([Time.safeParse(ms).success, isTime(ms), toRfc3339(ms).length], [true, true, 24]);
  }
  for (const wrong of [FIRST - 1, LAST + 1, 1e300, Infinity, NaN, "1", null, [1]]) {
    assertEquals([Time.safeParse(wrong).success, isTime(wrong)], [false, false]);
  }
});
