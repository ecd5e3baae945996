/** ScheduledTime accepts what RFC 3339 allows, with a zone, and parseScheduledTime reads it. */

import { assertEquals, assertMatch } from "@std/assert";
import * as fc from "fast-check";
import { parseScheduledTime, ScheduledTime } from "../../src/wire/scheduled_time.ts";

const DUEL = Date.UTC(1804, 6, 11, 7);

for (
  const [text, ms] of [
    ["1804-07-11T07:00:00Z", DUEL],
    ["1804-07-11T07:00:00.000000000Z", DUEL],
    ["1804-07-11t07:00:00z", DUEL],
    ["1804-07-11T02:00:00-05:00", DUEL],
    ["1804-07-11T12:30:00.25+05:30", DUEL + 250],
    ["1804-07-11T07:00:00-00:00", DUEL],
    ["2028-02-29T00:00:00Z", Date.UTC(2028, 1, 29)],
  ] as const
) {
  Deno.test(`ScheduledTime accepts ${text}`, () => {
    assertEquals(ScheduledTime.parse(text), text);
    assertEquals(parseScheduledTime(text), ms);
  });
}

for (
  const value of [
    ...["1804-07-11T07:00:00", "1804-07-11T07:00Z", "1804-07-11", "1804-07-11 07:00:00Z", "now", "", "1e12"],
    ...["2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:01Z", "2026-01-01T00:60:00Z"],
    ...[
      "2026-06-30T23:59:60Z",
      "2026-01-01T00:00:00+24:00",
      "2026-01-01T00:00:00+0200",
      " 2026-01-01T00:00:00Z",
    ],
    ...["12026-01-01T00:00:00Z", 1_783_000_000_000, null, ["2026-01-01T00:00:00Z"]],
  ]
) {
  Deno.test(`ScheduledTime refuses ${JSON.stringify(value)}, and says what would be right`, () => {
    const { success, error } = ScheduledTime.safeParse(value);
    assertEquals(success, false);
    if (typeof value === "string") assertMatch(error?.issues[0]?.message ?? "", /RFC 3339 with its zone/);
  });
}

Deno.test("parseScheduledTime reads every time that JavaScript prints", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true }), (date) => {
      assertEquals(ScheduledTime.safeParse(date.toISOString()).success, true);
      assertEquals(parseScheduledTime(date.toISOString()), date.getTime());
    }),
  );
});
