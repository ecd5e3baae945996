/** What the owner of the journal does for workers when they call it: all that exists once in the process. */

import type { Journal } from "../journal/journal.ts";
import type { LastSeen } from "../presence/last_seen.ts";
import type { PresenceRecord } from "../presence/presence_record.ts";
import type { PresenceRecords } from "../presence/presence_records.ts";
import type { Subscriptions } from "../push/subscriptions.ts";
import type { Revocation, Revocations } from "../revocation/revocations.ts";
import type { Schedule } from "../schedule/schedule.ts";
import { PresenceListings } from "./presence_listings.ts";

export interface OwnedStores {
  readonly journal: Journal;
  readonly schedule: Schedule;
  readonly subscriptions: Subscriptions;
  readonly revocations: Revocations;
  readonly lastSeen: LastSeen;
  readonly presence: PresenceRecords | null;
  wipe(): Promise<void>;
  /** The number of targets that have connections on any isolate. */
  countTargets(): number;
}

/** Not an interface, which would not do as the methods of any port. */
export type OwnerMethods = {
  readonly append: Journal["append"];
  readonly read: Journal["read"];
  readonly mark: Journal["mark"];
  readonly inbox: Journal["inbox"];
  readonly forget: Journal["forget"];
  readonly stats: Journal["stats"];
  readonly addScheduled: Schedule["add"];
  readonly findScheduled: Schedule["find"];
  readonly cancelScheduled: Schedule["cancel"];
  readonly addSubscription: Subscriptions["add"];
  readonly subscriptionsOf: Subscriptions["of"];
  readonly removeSubscription: Subscriptions["remove"];
  readonly renewSubscription: Subscriptions["renew"];
  readonly forgetSubscription: Subscriptions["forget"];
  readonly removeAllSubscriptions: Subscriptions["removeAll"];
  readonly revoke: (revocation: Revocation) => Promise<Revocation>;
  readonly saw: LastSeen["saw"];
  readonly lastSeen: LastSeen["of"];
  readonly forgetLastSeen: LastSeen["forget"];
  readonly replacePresence: (
    target: string,
    change: { readonly from: PresenceRecord; readonly to: PresenceRecord },
  ) => Promise<PresenceRecord>;
  readonly listPresence: PresenceListings["next"];
  readonly endPresenceListing: PresenceListings["end"];
  readonly wipe: () => Promise<void>;
  readonly countTargets: () => number;
};

/** Nobody is told which targets come and go, so no worker calls what needs the records. */
const NO_PRESENCE: Pick<PresenceRecords, "change" | "all"> = {
  change: () => Promise.reject(new Error("nobody is told which targets come and go")),
  async *all() {},
};

/** Compares and sets, because a function cannot be sent to another isolate. Returns the record as it is then. */
function replacePresence(
  records: Pick<PresenceRecords, "change">,
  target: string,
  { from, to }: { from: PresenceRecord; to: PresenceRecord },
): Promise<PresenceRecord> {
  const expected = JSON.stringify(from);
  return records.change(target, (record) => JSON.stringify(record) === expected ? to : record);
}

/** The methods of one worker. */
export function ownerMethods(stores: OwnedStores): OwnerMethods {
  const { journal, schedule, subscriptions, revocations, lastSeen } = stores;
  const presence = stores.presence ?? NO_PRESENCE, listings = new PresenceListings(presence);
  return {
    append: journal.append.bind(journal),
    read: journal.read.bind(journal),
    mark: journal.mark.bind(journal),
    inbox: journal.inbox.bind(journal),
    forget: journal.forget.bind(journal),
    stats: () => journal.stats(),
    addScheduled: schedule.add.bind(schedule),
    findScheduled: schedule.find.bind(schedule),
    cancelScheduled: schedule.cancel.bind(schedule),
    addSubscription: subscriptions.add.bind(subscriptions),
    subscriptionsOf: subscriptions.of.bind(subscriptions),
    removeSubscription: subscriptions.remove.bind(subscriptions),
    renewSubscription: subscriptions.renew.bind(subscriptions),
    forgetSubscription: subscriptions.forget.bind(subscriptions),
    removeAllSubscriptions: subscriptions.removeAll.bind(subscriptions),
    revoke: (revocation) => revocations.add(revocation),
    saw: lastSeen.saw.bind(lastSeen),
    lastSeen: lastSeen.of.bind(lastSeen),
    forgetLastSeen: lastSeen.forget.bind(lastSeen),
    replacePresence: (target, change) => replacePresence(presence, target, change),
    listPresence: listings.next.bind(listings),
    endPresenceListing: listings.end.bind(listings),
    wipe: () => stores.wipe(),
    countTargets: () => stores.countTargets(),
  };
}
