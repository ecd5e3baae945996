/** Tabs first: an append that resolves when the hub had its turn, so a publisher's answer comes after the sending. */

import type { Append } from "./append.ts";

const LITTLE = 64; // notifications

export interface TabsFirstParts {
  /** What waits for the hub. */
  readonly waiting: { readonly size: number };
  /** Resolves in the next turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
}

/**
 * What is answered at once is in the way of what tabs wait for: of 16 requests that come together, the last one's
 * tabs would get it after 15 answers. It matters only while little waits. With more, a publisher who is answered at
 * once brings what goes into the same frames, and held back, a fifth less would be delivered.
 */
export function tabsFirst(append: Append, { waiting, nextTurn }: TabsFirstParts): Append {
  let turn: Promise<void> | undefined; // one for all who wait for it
  async function hubsTurn(): Promise<void> {
    await nextTurn(); // which the hub, woken by what was appended, began to wait for before
    turn = undefined;
  }
  return async function appendTabsFirst(drafts) {
    const receipts = await append(drafts);
    if (waiting.size > 0 && waiting.size <= LITTLE) await (turn ??= hubsTurn());
    return receipts;
  };
}
