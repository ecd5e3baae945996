/** Reported: an append that also says of each notification that it was accepted, and when. */

import type { Draft, Retention } from "../journal/journal.ts";
import type { Append } from "./append.ts";

export interface ReportedParts {
  readonly retention: Pick<Retention, "seconds">;
  /** In milliseconds since 1970. Told once for each target; not for a repeat, which was accepted before. */
  accepted(draft: Draft, at: number): void;
}

export function reported(append: Append, { retention, accepted }: ReportedParts): Append {
  return async function appendAndReport(drafts) {
    const receipts = await append(drafts);
    for (const [index, draft] of drafts.entries()) {
      const receipt = receipts[index];
      if (receipt?.outcome !== "kept") continue;
      const lifeSeconds = Math.min(draft.ttl ?? Infinity, retention.seconds);
      accepted(draft, receipt.expiresAt - 1000 * lifeSeconds); // to the millisecond what browsers are told
    }
    return receipts;
  };
}
