/** The webhook, a source: what a backend posts becomes entries of the journal, and an answer to the backend. */

import type { Draft, Receipt } from "../journal/journal.ts";
import { Problem } from "../wire/problem.ts";
import { rfc3339 } from "../wire/rfc3339.ts";
import type { Append } from "./append.ts";
import { draftsOf, type Key } from "./drafts.ts";

/** Where a notification is kept, and until when: RFC 3339, UTC. */
interface Accepted {
  readonly id: string;
  readonly position: string;
  readonly expires: string;
}

/** For one notification to one target or to everyone, just that; otherwise one for each target (null: everyone). */
export type Answer = Accepted | { readonly notifications: readonly Kept[] };

/** A notification for one target (null: everyone) that is kept. */
export type Kept = Accepted & { readonly target: string | null };

/** A request that was taken. */
export interface Taken {
  readonly answer: Answer;
  /** In the order of the request. Made when it is asked for: most publishers wait for nothing more. */
  readonly kept: () => readonly Kept[];
  /** The id of each notification, in the order of the request. */
  readonly ids: readonly string[];
  readonly isArray: boolean;
}

/** Takes the text of a request's body, and its Idempotency-Key or what else names it. */
export type Webhook = (json: string, key: Key | null) => Promise<Taken>;

/** Resolves when everything is kept. Rejects with a {@linkcode Problem} if any of it is not. */
export function webhook(append: Append): Webhook {
  const timeOf = rfc3339();
  return async function notify(json, key) {
    const { drafts, ids, isArray, several } = draftsOf(json, key);
    const receipts = await append(drafts);
    function keptAt(index: number): Kept {
      const draft = drafts[index], receipt = receipts[index];
      if (draft === undefined || receipt === undefined || receipt.outcome === "conflict") {
        throw conflictIn(drafts, receipts);
      }
      const { id, target } = draft, { position, expiresAt } = receipt;
      return { target, id, position, expires: timeOf(expiresAt) };
    }
    const kept = () => drafts.map((_, index) => keptAt(index));
    return { answer: several ? { notifications: kept() } : withoutTarget(keptAt(0)), kept, ids, isArray };
  };
}

function withoutTarget({ id, position, expires }: Kept): Accepted {
  return { id, position, expires };
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
