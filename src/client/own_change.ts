/** A change that this page makes to what the user has read, and that the service has yet to confirm. */

import { isUpTo } from "./positions.ts";
import type { TidingsReadState } from "./tidings.ts";

export type OwnChange =
  | { readonly type: "read" | "unread"; readonly positions: ReadonlySet<string> }
  /** Everything up to this position was read. */
  | { readonly type: "read"; readonly through: string };

/** Returns whether the change makes a notification read; undefined if it does not concern it. */
export function effectOn(change: OwnChange, position: string): boolean | undefined {
  if ("through" in change) return isUpTo(position, change.through) || undefined;
  return change.positions.has(position) ? change.type === "read" : undefined;
}

/** True if the state has what the change wants, so that it may well contain the change. */
export function agrees(state: TidingsReadState, change: OwnChange): boolean {
  if ("through" in change) return isUpTo(change.through, state.through);
  return [...change.positions].every((position) => isRead(state, position) === (change.type === "read"));
}

export function isRead({ through, read, unread }: TidingsReadState, position: string): boolean {
  return isUpTo(position, through) ? !unread.includes(position) : read.includes(position);
}
