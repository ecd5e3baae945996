/** Accepts a request of which some notifications are to be sent later: those go to the schedule, the others on at once. */

import type { Draft, Receipt } from "../journal/journal.ts";
import type { Intake } from "./intake.ts";
import { type ScheduledNotification, toRecord } from "./scheduled_notification.ts";

/** A notification that is kept until it is due. `expiresAt`, in milliseconds since 1970, counts from then. */
export interface ScheduledReceipt {
  readonly outcome: "scheduled";
  readonly position: null;
  readonly expiresAt: number;
}

export type AcceptOrScheduleDeps = Pick<Intake, "accept" | "schedule" | "now" | "lifeMs">;

/**
 * Resolves with a receipt for each draft, in order.
 *
 * @throws {Problem} `does-not-fit` if one is to be sent too late: nothing was accepted; and what the intake throws
 */
export async function acceptOrSchedule(
  { drafts, scheduled }: { drafts: readonly Draft[]; scheduled: readonly ScheduledNotification[] },
  intake: AcceptOrScheduleDeps,
): Promise<readonly (Receipt | ScheduledReceipt | undefined)[]> {
  const now = intake.now();
  const records = scheduled.map((notification) => toRecord(notification, { drafts, now }));
  const ownerOf = new Map<number, number>(); // by the index of a draft; the others are sent at once
  for (const [owner, { from, to }] of scheduled.entries()) {
    for (let index = from; index < to; index++) ownerOf.set(index, owner);
  }
  const immediate = drafts.filter((_, index) => !ownerOf.has(index));
  const accepted = immediate.length === 0 ? [] : await intake.accept(immediate);
  const added = await intake.schedule(records);
  let next = 0;
  return drafts.map(({ ttl }, index) => {
    const owner = ownerOf.get(index);
    if (owner === undefined) return accepted[next++];
    const receipt = added[owner];
    return receipt !== undefined && "dueAt" in receipt
      ? { outcome: "scheduled", position: null, expiresAt: receipt.dueAt + intake.lifeMs(ttl) }
      : { outcome: "conflict" };
  });
}
