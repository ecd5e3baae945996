/** SubscriptionIndex: the push subscriptions of a single node in memory, by id and by target. */

import type { StoredSubscription } from "./subscription_store.ts";
import type { NewSubscription } from "./subscriptions.ts";

/** Each of 100,000 takes 229 bytes of V8's heap besides its texts with ten for each target, and 338 with one. */
const SUBSCRIPTION_BYTES = 300;

export class SubscriptionIndex {
  readonly #byId = new Map<string, StoredSubscription>();
  readonly #byTarget = new Map<string, readonly StoredSubscription[]>(); // the oldest first
  #bytes = 0;

  /** The memory that all subscriptions take. */
  get bytes(): number {
    return this.#bytes;
  }

  get(id: string): StoredSubscription | undefined {
    return this.#byId.get(id);
  }

  /** The oldest first. The list does not change. */
  of(target: string): readonly StoredSubscription[] {
    return this.#byTarget.get(target) ?? [];
  }

  /** Puts a subscription, whose id must be unknown, in its place among those of its target. */
  insert(subscription: StoredSubscription): void {
    const { id, target, sequence } = subscription, list = this.of(target);
    const newer = list.findIndex((other) => other.sequence > sequence);
    const place = newer < 0 ? list.length : newer;
    this.#byId.set(id, subscription);
    this.#byTarget.set(target, list.toSpliced(place, 0, subscription));
    this.#bytes += costOf(subscription);
  }

  /** Takes a subscription out, which must be in the index. */
  delete(subscription: StoredSubscription): void {
    const { id, target } = subscription;
    const rest = this.of(target).filter((other) => other !== subscription);
    this.#byId.delete(id);
    if (rest.length === 0) this.#byTarget.delete(target);
    else this.#byTarget.set(target, rest);
    this.#bytes -= costOf(subscription);
  }
}

/** An estimate of the memory that a subscription takes, in bytes. */
export function costOf({ endpoint, p256dh, auth, target, origin }: NewSubscription): number {
  const ascii = endpoint.length + p256dh.length + auth.length + (origin?.length ?? 0);
  return SUBSCRIPTION_BYTES + ascii + 2 * target.length;
}
