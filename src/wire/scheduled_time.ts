/** The schemas of times as publishers write them, such as `at`: when a notification is to be sent. */

import { z } from "zod";

/** RFC 3339, section 5.6. The zone is required, and no leap second is known to JavaScript. */
const PATTERN = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const MESSAGE = "must be a time of RFC 3339 with its zone, such as 2026-07-04T09:00:00Z or …+02:00";

/** How far ahead a notification can be scheduled. */
export const MAX_AHEAD_MS = 30 * 24 * 60 * 60 * 1000;

/** A time as a publisher writes it. */
export const ZonedTime = z.string().refine(
  (text) => PATTERN.test(text) && parseScheduledTime(text) !== null,
  MESSAGE,
);

/** Whether it is too far ahead is for the clock to say. */
export const ScheduledTime = ZonedTime.meta({
  format: "date-time",
  description: "When to send it: RFC 3339 with a zone, at most 30 days ahead. If it is in the past, at once",
});

/**
 * Returns milliseconds since 1970; null if there is no such time.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(parseScheduledTime("1970-01-01T01:00:00.250+01:00"), 250);
 * assertEquals(parseScheduledTime("2026-02-30T00:00:00Z"), null);
 * ```
 */
export function parseScheduledTime(text: string): number | null {
  const ms = Date.parse(text.toUpperCase());
  return Number.isNaN(ms) || !isDayOfMonth(text.slice(0, 10)) ? null : ms;
}

/** JavaScript takes February 30 as March 2. */
function isDayOfMonth(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
}
