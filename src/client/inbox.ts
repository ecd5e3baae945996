/** The inbox of a user: what was read on one device is read on all of them. `inbox` and the public types. */

import { LiveInbox } from "./live_inbox.ts";
import type { Tidings, TidingsError, TidingsNotification, TypedEventTarget } from "./tidings.ts";

/** A notification in the inbox. The object is replaced when it changes. */
export interface InboxItem<Data = unknown> extends TidingsNotification<Data> {
  readonly read: boolean;
}

/** The options of `inbox`. */
export interface InboxOptions {
  /** Shows the number of unread notifications at the icon of an installed app. The default is true. */
  readonly badge?: boolean;
}

/** The events of an inbox, by their type. */
export interface InboxEvents {
  /** Something has changed. Several changes in one turn of the event loop fire once. */
  readonly change: Event;
  /** The service has refused a change, which is undone. */
  readonly error: CustomEvent<TidingsError>;
}

/** The notifications that the service keeps for a user, and which of them are unread. */
export interface TidingsInbox<Data = unknown> extends TypedEventTarget<InboxEvents> {
  /** What is loaded, the newest first. The array is replaced when it changes. */
  readonly items: readonly InboxItem<Data>[];
  /** The number of unread notifications, whether they are loaded or not. */
  readonly unread: number;
  /** True if there are older notifications, for `loadMore`. */
  readonly more: boolean;
  /** `loading`: nothing has been loaded yet. `failed`: the same, and the last attempt has failed; there will be others. */
  readonly state: "loading" | "ready" | "failed";
  /** Why loading has failed, for people and logs. It is empty unless `failed`. */
  readonly reason: string;
  /** Marks notifications as read: at once here, and on all other devices when the service has it. */
  read(...items: readonly { readonly position: string }[]): void;
  /** Marks everything as read that this page has shown, and all before it. What arrives meanwhile stays unread. */
  readAll(): void;
  markUnread(...items: readonly { readonly position: string }[]): void;
  /** Loads the page of notifications before the oldest item. Rejects with the reason if it cannot be loaded. */
  loadMore(): Promise<void>;
  /** Stops. The connection stays open. */
  close(): void;
}

/**
 * Loads what the service keeps for the user of a connection, and keeps it up to date. It works with a connection that
 * has just been made and with one that is open already.
 *
 * @example
 * ```ts
 * import { connect } from "./client.ts";
 * import { inbox } from "./inbox.ts";
 *
 * function showInbox(url: string): void {
 *   const { items, unread } = inbox(connect(url, { target: "alexander" }));
 *   console.log(`${unread} unread, ${items.length} loaded`);
 * }
 * ```
 */
export function inbox<Data = unknown>(
  tidings: Tidings<Data>,
  options: InboxOptions = {},
): TidingsInbox<Data> {
  return new LiveInbox(tidings as Tidings, options) as EventTarget as TidingsInbox<Data>;
}
