/** The subscriptions port: which browsers of a target have agreed to be sent pushes by their vendor's push service. */

/** What a browser gives, as in `PushSubscription.toJSON()` of the Push API. */
export interface SubscriptionKeys {
  /** The URL of the browser at its push service. Whoever knows it can send to the browser, so it is a secret. */
  readonly endpoint: string;
  /** The browser's public key: an uncompressed point on the curve P-256, in base64url. */
  readonly p256dh: string;
  /** The secret that the browser shares with senders: 16 bytes in base64url. */
  readonly auth: string;
}

export interface NewSubscription extends SubscriptionKeys {
  readonly target: string;
  /** The origin of the page that subscribed, for example `https://example.com`; null: the request did not say. */
  readonly origin: string | null;
}

export interface Subscription extends NewSubscription {
  /** Derived from the endpoint, so an endpoint has one id, and the id does not reveal the endpoint. */
  readonly id: string;
}

/** The most that a target has. When there are more, the oldest goes. */
export const MAX_PER_TARGET = 10;

/**
 * The contract of all stores of subscriptions. `tests/contracts/subscriptions.ts` tests it, and every adapter runs that
 * suite. Subscriptions outlive the retention, and restarts as far as the adapter is durable.
 *
 * An endpoint belongs to one target. Methods may be called concurrently until `close`, and reject with `UnavailableError`
 * of the journal's port. A change may have been made then, and may be repeated.
 */
export interface Subscriptions {
  /** Adds a subscription, or moves one whose endpoint is known to this target, with these keys. Resolves with its id. */
  add(subscription: NewSubscription): Promise<string>;

  /** The subscriptions of a target, the oldest first. Each belongs to the target at this moment. */
  of(target: string): Promise<readonly Subscription[]>;

  /** Removes a subscription if it is the target's. Resolves to false if the target has none with this id. */
  remove(id: string, target: string): Promise<boolean>;

  /**
   * Replaces the endpoint and keys of the subscription that has this endpoint and secret; its target and origin stay.
   * Resolves with the new id, or null if there is no such subscription.
   */
  renew(old: Pick<SubscriptionKeys, "endpoint" | "auth">, next: SubscriptionKeys): Promise<string | null>;

  /** Forgets a subscription that its push service does not know any more, unless it was changed since it was read. */
  forget(gone: Subscription): Promise<void>;

  /** Stops everything that the store runs. */
  close(): Promise<void>;
}
