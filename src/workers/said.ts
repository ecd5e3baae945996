/** What isolates say to each other, by way of the owner of the journal. */

import type { Member, NodeAnswer, Question } from "../cluster/nodes.ts";
import type { Spending } from "../cluster/spending.ts";

/** `to` is the number of an isolate; null: all others. */
export interface Said {
  readonly from: number;
  readonly to: number | null;
  readonly message: IsolateMessage;
}

export type IsolateMessage =
  | { readonly kind: "load"; readonly member: Member; readonly wantsReply: boolean }
  | { readonly kind: "left"; readonly isolate: number }
  | { readonly kind: "ask"; readonly number: number; readonly question: Question }
  | { readonly kind: "cancel"; readonly number: number }
  | { readonly kind: "answer"; readonly number: number; readonly answer: NodeAnswer }
  | { readonly kind: "spent"; readonly spending: readonly Spending[] };
