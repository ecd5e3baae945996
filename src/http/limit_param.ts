/** Parses the query parameter `limit`: how many elements a page may have. */

import { Problem } from "../wire/problem.ts";

/**
 * Returns the default if there is no text.
 *
 * @throws {Problem} `bad-request` if the text is no whole number from 1 to `max`
 */
export function parseLimit(
  text: string | undefined,
  { max, byDefault }: { max: number; byDefault: number },
): number {
  const limit = text === undefined ? byDefault : Number(/^[1-9]\d*$/.exec(text)?.[0]);
  if (limit <= max) return limit;
  throw new Problem("bad-request", `limit: must be a whole number from 1 to ${max}`);
}
