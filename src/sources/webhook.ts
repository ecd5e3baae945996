/** The webhook, a source: what a backend posts becomes entries of the journal, and an answer to the backend. */

import type { Draft, Receipt } from "../journal/journal.ts";
import { Problem } from "../problem.ts";
import type { Append } from "./append.ts";
import { draftsOf } from "./drafts.ts";

/** Where one notification to one target (null: to everyone) is kept, and until when: RFC 3339, UTC. */
interface Accepted {
  readonly id: string;
  readonly target: string | null;
  readonly position: string;
  readonly expires: string;
}

/** For one notification to one target or to everyone, just that; for several targets or notifications, a list. */
export type Answer = Omit<Accepted, "target"> | { readonly notifications: readonly Accepted[] };

/** Takes the text of a request's body, and its Idempotency-Key if it has one. */
export type Webhook = (json: string, key: string | null) => Promise<Answer>;

/** Resolves when everything is kept. Rejects with a {@linkcode Problem} if any of it is not. */
export function webhook(append: Append): Webhook {
  return async function notify(json, key) {
    const { drafts, several } = draftsOf(json, key);
    const receipts = await append(drafts);
    const accepted = drafts.flatMap((draft, index) => acceptedOf(draft, receipts[index]));
    const [first] = accepted;
    if (first === undefined || accepted.length < drafts.length) throw conflictIn(drafts, receipts);
    return several
      ? { notifications: accepted }
      : { id: first.id, position: first.position, expires: first.expires };
  };
}

function acceptedOf({ id, target }: Draft, receipt: Receipt | undefined): Accepted[] {
  if (receipt === undefined || receipt.outcome === "conflict") return [];
  return [{ id, target, position: receipt.position, expires: new Date(receipt.expiresAt).toISOString() }];
}

function conflictIn(drafts: readonly Draft[], receipts: readonly Receipt[]): Problem {
  const ids = new Set(
    drafts.filter((_, index) => receipts[index]?.outcome === "conflict").map(({ id }) => id),
  );
  const errors = [...ids].map((id) => ({ path: "id", message: `${id} was used with other content` }));
  return new Problem("id-conflict", "the others of this request, if there were any, are accepted", {
    errors,
  });
}
