/** Times that nodes store and send to each other, in milliseconds since 1970. */

import { z } from "zod";

/** The first and the last millisecond that RFC 3339 can express. */
const MIN_TIME = Date.parse("0000-01-01T00:00:00.000Z"), MAX_TIME = Date.parse("9999-12-31T23:59:59.999Z");

/** A number that is no time would fail later, where it becomes text. */
export const Time: z.ZodNumber = z.number().min(MIN_TIME).max(MAX_TIME);

export function isTime(ms: unknown): ms is number {
  return typeof ms === "number" && ms >= MIN_TIME && ms <= MAX_TIME;
}
