/** The push subscriptions of a single node: all of them in memory, over a store that decides what survives a restart. */

import { UnavailableError } from "../journal/journal.ts";
import { SubscriptionEdit } from "./subscription_edit.ts";
import { isSameSubscription, subscriptionId } from "./subscription_id.ts";
import { SubscriptionIndex } from "./subscription_index.ts";
import type { StoredSubscription, SubscriptionStore } from "./subscription_store.ts";
import type {
  NewSubscription,
  Subscription,
  SubscriptionKeys,
  Subscriptions,
  SubscriptionsOptions,
} from "./subscriptions.ts";

/** A change that waits until the one that is being written is kept. */
interface WaitingChange {
  /** Makes the change, and returns what to call when it is kept. */
  readonly make: (edit: SubscriptionEdit) => () => void;
  readonly reject: (reason: unknown) => void;
}

/** Changes that wait while others are written are then written together, so that each costs the disk little. */
export class StoredSubscriptions implements Subscriptions {
  readonly #store: SubscriptionStore;
  readonly #maxBytes: number;
  readonly #index = new SubscriptionIndex();
  readonly #waiting: WaitingChange[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #lastSequence = 0;
  #isClosed = false;

  /** The store must be empty. */
  constructor(store: SubscriptionStore, { maxBytes }: SubscriptionsOptions) {
    this.#store = store;
    this.#maxBytes = maxBytes;
  }

  /** Opens a store that may have subscriptions. */
  static async open(store: SubscriptionStore, options: SubscriptionsOptions): Promise<StoredSubscriptions> {
    const subscriptions = new StoredSubscriptions(store, options);
    for await (const page of store.load()) for (const stored of page) subscriptions.#restore(stored);
    return subscriptions;
  }

  add(subscription: NewSubscription): Promise<string> {
    const { endpoint, p256dh, auth, target, origin } = subscription, id = subscriptionId(endpoint);
    return this.#change((edit) => {
      edit.put({ id, endpoint, p256dh, auth, target, origin });
      return id;
    });
  }

  of(target: string): Promise<readonly Subscription[]> {
    if (this.#isClosed) return Promise.reject(closed());
    return Promise.resolve(this.#index.of(target).map(({ sequence: _, ...subscription }) => subscription));
  }

  remove(id: string, target: string): Promise<boolean> {
    return this.#change((edit) => {
      const known = edit.index.get(id);
      if (known?.target !== target) return false;
      edit.delete(known);
      return true;
    });
  }

  renew(
    old: Pick<SubscriptionKeys, "endpoint" | "auth">,
    { endpoint, p256dh, auth }: SubscriptionKeys,
  ): Promise<string | null> {
    const oldId = subscriptionId(old.endpoint), id = subscriptionId(endpoint);
    return this.#change((edit) => {
      const known = edit.index.get(oldId), next = edit.index.get(id);
      if (known === undefined) return next?.auth === auth ? id : null; // it is a repeat if the next one is known
      if (known.auth !== old.auth) return null;
      const { target, origin } = known;
      if (next !== undefined && next.target !== target) edit.delete(known);
      else edit.put({ id, endpoint, p256dh, auth, target, origin }, { instead: known });
      return id;
    });
  }

  forget(gone: Subscription): Promise<void> {
    return this.#change((edit) => {
      const known = edit.index.get(gone.id);
      if (known !== undefined && isSameSubscription(known, gone)) edit.delete(known);
    });
  }

  removeAll(target: string): Promise<void> {
    return this.#change((edit) => {
      for (const known of edit.index.of(target)) edit.delete(known);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
  }

  /** A file that lost a removal may have an endpoint twice. The newer one counts. */
  #restore(stored: StoredSubscription): void {
    const earlier = this.#index.get(stored.id);
    if (earlier !== undefined) this.#index.delete(earlier);
    this.#index.insert(stored);
    this.#lastSequence = stored.sequence;
  }

  async #change<T>(change: (edit: SubscriptionEdit) => T): Promise<T> {
    if (this.#isClosed) throw closed();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const make = (edit: SubscriptionEdit) => {
      const result = change(edit);
      return () => resolve(result);
    };
    this.#waiting.push({ make, reject });
    if (!this.#isWriting) this.#writing = this.#writeAll();
    return await promise;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0));
    this.#isWriting = false; // there is no await after the check, so no change can have come in between
  }

  /** A change that cannot be made rejects alone. If the changes cannot be kept, none is made. */
  async #write(changes: readonly WaitingChange[]): Promise<void> {
    const edit = new SubscriptionEdit({
      index: this.#index,
      maxBytes: this.#maxBytes,
      nextSequence: () => ++this.#lastSequence,
    });
    const made = changes.flatMap(({ make, reject }) => {
      try {
        return { keep: make(edit), reject };
      } catch (error) {
        reject(error);
        return [];
      }
    });
    try {
      if (!edit.isEmpty) await this.#store.write(edit.changes);
      for (const { keep } of made) keep();
    } catch (error) {
      edit.undo();
      for (const { reject } of made) reject(error);
    }
  }
}

function closed(): UnavailableError {
  return new UnavailableError("the push subscriptions are closed");
}
