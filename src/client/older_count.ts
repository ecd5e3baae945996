/** How many unread notifications an inbox has that it has not loaded: older ones than its oldest item. */

import { effectOn, type OwnChange } from "./own_change.ts";
import { isUpTo } from "./positions.ts";
import type { InboxAnswer, ListedItem } from "./item_list.ts";
import type { TidingsReadState } from "./tidings.ts";

/** The list that it counts for. */
export interface CountedList {
  readonly items: readonly ListedItem[];
  /** The position of the oldest item. */
  readonly oldest: string | undefined;
  /** True if there are older ones. */
  readonly more: boolean;
}

/**
 * An answer counts all notifications at its position, and so the older ones are those that are not loaded. A later
 * state of the stream may say enough of them, or nothing new. Otherwise only another answer helps: methods then return
 * false.
 */
export class OlderCount {
  value = 0;
  #answer: Pick<InboxAnswer, "unread" | "position"> | null = null; // that the value follows from
  #isOfState = false; // the value is of the same moment as the latest state

  reset(): void {
    this.#answer = null;
  }

  /**
   * @param state the latest of the stream
   * @param streamed the position up to which the stream has come
   */
  answered(
    { unread, position }: InboxAnswer,
    { list, state, streamed }: { list: CountedList; state: TidingsReadState | null; streamed: string },
  ): boolean {
    if (state !== null && state.position > position) return this.#byState(state, { list, before: null });
    this.#answer = { unread, position };
    this.#isOfState = streamed >= position;
    return true;
  }

  /** There is another state. `before` is the one that it replaces. */
  changed(
    state: TidingsReadState,
    { list, before }: { list: CountedList; before: TidingsReadState | null },
  ): boolean {
    return state.position <= (this.#answer?.position ?? "") || this.#byState(state, { list, before });
  }

  /** Counts with a change of this page that no answer and no state contains. */
  assumed(change: OwnChange, { oldest = "" }: CountedList): void {
    this.reset();
    this.#isOfState = false;
    if ("through" in change && effectOn(change, oldest)) this.value = 0;
  }

  /** The item is not loaded any more, and not kept either. */
  removed({ position, isRead }: ListedItem): void {
    const answer = this.#answer;
    if (answer === null || isRead || position > answer.position) return;
    this.#answer = { ...answer, unread: answer.unread - 1 };
  }

  /** The items are not loaded any more, but kept. */
  unloaded(items: readonly ListedItem[]): void {
    if (this.#answer === null) this.value += items.filter(({ isRead }) => !isRead).length;
  }

  /** Counts again after the items have changed. */
  settle({ items, more }: CountedList): void {
    const answer = this.#answer;
    if (answer !== null) {
      const loaded = items.filter(({ position, isRead }) => position <= answer.position && !isRead);
      this.value = Math.max(0, answer.unread - loaded.length);
    }
    if (!more) this.value = 0;
  }

  /** Counts by the state alone, or, if it says the same of the older ones as the one before, as before. */
  #byState(
    state: TidingsReadState,
    { list: { more, oldest }, before }: { list: CountedList; before: TidingsReadState | null },
  ): boolean {
    this.reset();
    if (!more || oldest === undefined) return true;
    const isCovered = isUpTo(oldest, state.through);
    const isSame = this.#isOfState && before !== null &&
      partBefore(oldest, before) === partBefore(oldest, state);
    if (isCovered) this.value = state.unread.filter((position) => position < oldest).length;
    this.#isOfState = isCovered || isSame;
    return this.#isOfState;
  }
}

/** What a state says of the notifications before this position. */
function partBefore(oldest: string, { through, read, unread }: TidingsReadState): string {
  return [through, ...read.filter((one) => one < oldest), "", ...unread.filter((one) => one < oldest)].join();
}
