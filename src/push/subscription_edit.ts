/** SubscriptionEdit: changes to a SubscriptionIndex that are written together, and undone if that fails. */

import { UnavailableError } from "../journal/journal.ts";
import type { RowChanges } from "../journal/row_store.ts";
import { isSameSubscription } from "./subscription_id.ts";
import { costOf, type SubscriptionIndex } from "./subscription_index.ts";
import type { StoredSubscription } from "./subscription_store.ts";
import { MAX_PER_TARGET, type Subscription, type SubscriptionsOptions } from "./subscriptions.ts";

export interface SubscriptionEditOptions extends SubscriptionsOptions {
  readonly index: SubscriptionIndex;
  /** Returns a greater number each time. */
  readonly nextSequence: () => number;
}

export class SubscriptionEdit {
  readonly index: SubscriptionIndex;
  readonly #options: SubscriptionEditOptions;
  readonly #added: StoredSubscription[] = [];
  readonly #removed: StoredSubscription[] = [];
  readonly #undo: (() => void)[] = [];

  constructor(options: SubscriptionEditOptions) {
    this.index = options.index;
    this.#options = options;
  }

  get changes(): RowChanges<StoredSubscription> {
    return { put: this.#added, removed: this.#removed.map(({ sequence }) => sequence) };
  }

  get isEmpty(): boolean {
    return this.#undo.length === 0;
  }

  /**
   * Makes a subscription the newest of its target, and drops the oldest of too many. It takes the place of the one with
   * the same id, and of the one that is given.
   *
   * @throws {UnavailableError} if there is no room, before anything is changed
   */
  put(subscription: Subscription, { instead }: { instead?: StoredSubscription } = {}): void {
    const { index } = this, { maxBytes, nextSequence } = this.#options;
    const before = index.get(subscription.id), list = index.of(subscription.target);
    const replaced = new Set([before, instead].filter((one) => one !== undefined));
    const isNewest = before !== undefined && before === list.at(-1) && replaced.size === 1;
    if (isNewest && isSameSubscription(before, subscription)) return;
    const oldest = list.filter((other) => !replaced.has(other)).slice(0, 1 - MAX_PER_TARGET);
    const leaving = [...replaced, ...oldest];
    const freed = leaving.reduce((sum, one) => sum + costOf(one), 0);
    if (index.bytes - freed + costOf(subscription) > maxBytes) {
      throw new UnavailableError("there is no room for more push subscriptions");
    }
    for (const one of leaving) this.delete(one);
    const added = { ...subscription, sequence: nextSequence() };
    index.insert(added);
    this.#added.push(added);
    this.#undo.push(() => index.delete(added));
  }

  /** Removes a subscription, which must be in the index. */
  delete(subscription: StoredSubscription): void {
    this.index.delete(subscription);
    this.#removed.push(subscription);
    this.#undo.push(() => this.index.insert(subscription));
  }

  /** Brings the index back to what it was before. */
  undo(): void {
    for (const undo of this.#undo.toReversed()) undo();
  }
}
