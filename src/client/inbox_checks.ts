/** Checks what an inbox is told: one wrong position in its list, and nothing would be in order any more. */

import type { InboxAnswer } from "./item_list.ts";
import { isPosition } from "./positions.ts";
import type { TidingsReadState } from "./tidings.ts";

/**
 * Returns the answer. If it is empty, there is nothing more, whatever it says: nobody could ask for what follows.
 *
 * @param before the position that the request asked for
 * @throws {Error} if it is no page, or its notifications are not in order or do not precede `before`
 */
export function checkAnswer(answer: InboxAnswer, before = "~"): InboxAnswer {
  const { notifications, position, unread, more } = Object(answer) as InboxAnswer;
  let last = before;
  const isRight = isPosition(position) && Number.isInteger(unread) && Array.isArray(notifications) &&
    notifications.every((one) =>
      typeof one?.read === "boolean" && isPosition(one.position) && one.position < last &&
      (last = one.position)
    );
  if (!isRight) throw new Error("the answer is no page of an inbox");
  return { ...answer, more: more === true && last !== before };
}

export function isReadState({ position, through, read, unread }: TidingsReadState): boolean {
  const all = [position, through ?? position, read, unread];
  return all.flat().every(isPosition) && Array.isArray(read) && Array.isArray(unread);
}
