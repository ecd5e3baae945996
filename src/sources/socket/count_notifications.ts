/** Counts the notifications in a frame without parsing it, so that a limit can be checked when the frame arrives. */

import { endOfString } from "../raw_data.ts";

/**
 * The result is exact if the text is a valid request, and at least 1 for any other. It stops at `max` and one more.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(countNotifications('{"targets":["a","b"],"data":[1,2]}', 10), 1);
 * assertEquals(countNotifications('[{"target":"a","data":"x,y"},{"target":"b","data":[1,2]}]', 10), 2);
 * ```
 */
export function countNotifications(json: string, max: number): number {
  if (!json.trimStart().startsWith("[")) return 1;
  let depth = 0, count = 1;
  for (let index = 0; index < json.length && count <= max; index++) {
    const character = json[index];
    if (character === '"') index = endOfString(json, index);
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
    else if (character === "," && depth === 1) count++;
  }
  return count;
}
