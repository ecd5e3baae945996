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

export interface SubscriptionsOptions {
  /**
   * The most that all subscriptions together may take: memory on a single node, and disk with NATS, whose nodes keep
   * none in memory. It is the caller who limits the length of each text.
   */
  readonly maxBytes: number;
}

/**
 * The contract of all stores of subscriptions. `tests/contracts/subscriptions.ts` tests it, and every adapter runs that
 * suite. Subscriptions outlive the retention, and restarts as far as the adapter is durable.
 *
 * An endpoint belongs to one target. Whatever is added or renewed is the newest of its target from then on, also if it
 * was known before. Methods may be called concurrently until `close`, and reject with `UnavailableError` of the
 * journal's port. A change may have been made then, and may be repeated.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { memorySubscriptions } from "./memory_subscriptions.ts";
 *
 * const subscriptions: Subscriptions = memorySubscriptions({ maxBytes: 1024 * 1024 });
 * const keys = { endpoint: "https://push.example/1", p256dh: "BPub…", auth: "c2VjcmV0" };
 * const id = await subscriptions.add({ ...keys, target: "alexander", origin: "https://example.com" });
 * assertEquals((await subscriptions.of("alexander")).map(({ endpoint }) => endpoint), [keys.endpoint]);
 *
 * await subscriptions.add({ ...keys, target: "eliza", origin: "https://example.com" }); // another user of the browser
 * assertEquals(await subscriptions.of("alexander"), []);
 * assertEquals(await subscriptions.remove(id, "eliza"), true);
 * await subscriptions.close();
 * ```
 */
export interface Subscriptions {
  /**
   * Adds a subscription, or moves one whose endpoint is known to this target, with these keys. Resolves with its id.
   * Rejects with `UnavailableError` also if there is no room for it.
   */
  add(subscription: NewSubscription): Promise<string>;

  /** The subscriptions of a target, the oldest first. Each belongs to the target at this moment. */
  of(target: string): Promise<readonly Subscription[]>;

  /** Removes a subscription if it is the target's. Resolves to false if the target has none with this id. */
  remove(id: string, target: string): Promise<boolean>;

  /**
   * Replaces the endpoint and keys of the subscription that has this endpoint and secret; its target and origin stay.
   * Resolves with the new id, or null if there is no such subscription.
   *
   * If the new endpoint already belongs to another target, another user of the browser was faster: it stays theirs, and
   * only the old one goes. A renewal may be repeated: the id is the same then.
   */
  renew(old: Pick<SubscriptionKeys, "endpoint" | "auth">, next: SubscriptionKeys): Promise<string | null>;

  /** Forgets a subscription that its push service does not know any more, unless it was changed since it was read. */
  forget(gone: Subscription): Promise<void>;

  /** Removes all subscriptions of a target. */
  removeAll(target: string): Promise<void>;

  /** Stops everything that the store runs. */
  close(): Promise<void>;
}
