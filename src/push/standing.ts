/** Standing: asks the journal whether a notification is still to be pushed. */

import { readTest } from "../journal/mark.ts";
import type { Journal, PageLimit } from "../journal/journal.ts";
import type { ReadMark } from "../journal/read.ts";
import type { Position } from "../wire/position.ts";
import type { DuePush } from "./push_record.ts";

/**
 * - `stands`: the target has not read it. The position is null if the journal kept too little to find it.
 * - `read`: the target has read it.
 * - `missing`: the journal has no such notification, because it was replaced or retracted, or was never appended.
 */
export type Standing =
  | { readonly state: "stands"; readonly position: Position | null }
  | { readonly state: "read" | "missing" };

const PAGE: PageLimit = { entries: 512, bytes: 1024 * 1024 };

/** Reads what the target was sent since the notification. Rejects with `UnavailableError`. */
export async function standingOf(
  { id, target, after }: Pick<DuePush, "id" | "target" | "after">,
  journal: Pick<Journal, "read">,
): Promise<Standing> {
  let found: Position | null = null, mark: ReadMark | null = null, isComplete = true;
  for (let next = after, more = true; more;) {
    const page = await journal.read(target, next, PAGE);
    for (const { id: other, position, text } of page.entries) {
      if (other === id) found ??= position;
      else if (other === null) mark = JSON.parse(text);
    }
    isComplete &&= page.complete;
    ({ next, more } = page);
  }
  if (found === null) return isComplete ? { state: "missing" } : { state: "stands", position: null };
  const isRead = mark !== null && readTest(mark)(found);
  return isRead ? { state: "read" } : { state: "stands", position: found };
}
