/** The stores of a worker: the owner of the journal has them, and the worker keeps only what it must know at once. */

import type { LastSeen } from "../presence/last_seen.ts";
import { NOBODY, type PresenceRecord } from "../presence/presence_record.ts";
import type { PresenceRecords } from "../presence/presence_records.ts";
import type { Subscriptions } from "../push/subscriptions.ts";
import type { OwnerMethods } from "./owner_methods.ts";
import type { PortCalls } from "./port_calls.ts";

type Owner = PortCalls<OwnerMethods>;

const CLOSED = Promise.resolve();

export function remoteSubscriptions(owner: Owner): Subscriptions {
  return {
    add: (subscription) => owner.call("addSubscription", subscription),
    of: (target) => owner.call("subscriptionsOf", target),
    remove: (id, target) => owner.call("removeSubscription", id, target),
    renew: (old, next) => owner.call("renewSubscription", old, next),
    forget: (gone) => owner.call("forgetSubscription", gone),
    removeAll: (target) => owner.call("removeAllSubscriptions", target),
    close: () => CLOSED,
  };
}

export function remoteLastSeen(owner: Owner, report: (error: unknown) => void): LastSeen {
  const saving = new Set<Promise<void>>();
  return {
    saw(target, at) {
      const saved: Promise<void> = owner.call("saw", target, at).catch(report).finally(() =>
        saving.delete(saved)
      );
      saving.add(saved);
    },
    of: (target) => owner.call("lastSeen", target),
    forget: (target) => owner.call("forgetLastSeen", target),
    close: async () => void await Promise.all(saving),
  };
}

/** Of several isolates that change a record at the same time, one is first, and the others change what it has made of it. */
export function remotePresence(owner: Owner): PresenceRecords {
  let listings = 0;
  return {
    interruptions: 0,
    async change(target, change) {
      for (let known: PresenceRecord = NOBODY;;) {
        const to = change(known), now = await owner.call("replacePresence", target, { from: known, to });
        if (JSON.stringify(now) === JSON.stringify(to)) return now;
        known = now;
      }
    },
    async *all() {
      const listing = ++listings;
      let page = await owner.call("listPresence", listing);
      try {
        for (; page.length > 0; page = await owner.call("listPresence", listing)) yield* page;
      } finally {
        await owner.call("endPresenceListing", listing);
      }
    },
    close: () => CLOSED,
  };
}
