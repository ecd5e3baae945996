/** The part of the journal port that is about reading: what a target has read, and its inbox. */

import type { Position } from "../wire/position.ts";
import type { Entry } from "./journal.ts";

/** A change of what a target has read. Positions of nothing that is kept for the target are ignored. */
export type ReadChange =
  | { readonly type: "read" | "unread"; readonly positions: readonly Position[] }
  /** Everything up to this position was read. */
  | { readonly type: "read"; readonly through: Position };

/**
 * The result of a change.
 *
 * - `marked`: the target's stream has a new mark. `read` has the ids of the notifications that the target has read for
 *   the first time. One that it had read out of order and marked as unread since is there again, because a mark does not
 *   tell it from one that was never read. `pushes` has the ids of those among them that have a push.
 * - `unchanged`: everything that the change names was marked so already, or is not kept.
 * - `too many exceptions`: the lists of the mark would become too long, so nothing was changed.
 * - `nothing is kept`: the retention is 0.
 */
export type MarkReceipt =
  | { readonly outcome: "marked"; readonly read: readonly string[]; readonly pushes: readonly string[] }
  | { readonly outcome: "unchanged" | "too many exceptions" | "nothing is kept" };

/** A notification that a target has read. */
export interface ReadEntry {
  readonly id: string;
  readonly hasPush: boolean;
}

/** What a target has read: everything up to `through` except `unread`, and `read`. The lists ascend. */
export interface ReadMark {
  /** Null: nothing. */
  readonly through: Position | null;
  /** Greater than `through`. */
  readonly read: readonly Position[];
  /** At most `through`. */
  readonly unread: readonly Position[];
}

/** The newest notifications of a target and of everyone, with what the target has read, as of one moment. */
export interface InboxPage {
  /** The newest first, without marks. */
  readonly entries: readonly Entry[];
  /** True if there are older ones. */
  readonly more: boolean;
  readonly mark: ReadMark;
  /** The number of unread notifications that are kept, whether the page has them or not. */
  readonly unread: number;
  /** The head at that moment. Whoever resumes after it receives every later notification and mark. */
  readonly position: Position;
}
