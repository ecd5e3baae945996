/** The notifications that an inbox has loaded, the newest first, and how many unread ones it has not loaded. */

import { MAX_ITEMS } from "./limits.ts";
import { effectOn, isRead, type OwnChange } from "./own_change.ts";
import { OlderCount } from "./older_count.ts";
import { isOfSameJournal } from "./positions.ts";
import type { TidingsNotification, TidingsReadState } from "./tidings.ts";

/** The answer of `GET /v1/inbox`. */
export interface InboxAnswer {
  readonly target: string;
  /** Of all that is kept, not only of this page. */
  readonly unread: number;
  /** All of the answer is of the moment of this position. */
  readonly position: string;
  readonly notifications: readonly (TidingsNotification & { readonly read: boolean })[];
  /** True if there are older ones. */
  readonly more: boolean;
}

/** A notification, and whether it is read by the latest answer or state of the service. */
export interface ListedItem {
  readonly notification: TidingsNotification;
  readonly position: string;
  readonly isRead: boolean;
  /** The position up to which that answer or state holds. */
  readonly asOf: string;
}

/**
 * Everything that an answer or the stream says has a position. The later one counts, whichever arrives first. Methods
 * that return a boolean return false if only the service can say what is unread among the older ones.
 */
export class ItemList {
  items: readonly ListedItem[] = [];
  /** True if there are older ones. */
  more = false;
  /** The position of the answer with which the list began; null before it. */
  loadedAt: string | null = null;
  #old = new Set<string>(); // from before the list began anew
  readonly #older = new OlderCount();
  #state: TidingsReadState | null = null;
  #max = MAX_ITEMS;

  /** The position of the oldest item. */
  get oldest(): string | undefined {
    return oldestOf(this.items);
  }

  /** The number of unread notifications that are not loaded. */
  get older(): number {
    return this.#older.value;
  }

  /**
   * What follows may not continue what was before. The items stay until `load`, unless they are of another journal.
   *
   * @param from the position that the stream continues from
   */
  startAnew(from: string | null): void {
    this.loadedAt = null;
    this.items = this.items.filter(({ position }) => from !== null && isOfSameJournal(position, from));
    this.#old = new Set(this.items.map(({ position }) => position));
    this.#state = null;
    this.#older.reset();
  }

  /**
   * Takes the newest page. What it does not have any more has gone: it expired, was replaced or retracted.
   *
   * @param streamed the position up to which the stream has come
   */
  load(answer: InboxAnswer, streamed: string): boolean {
    const isFirst = this.loadedAt === null;
    this.loadedAt ??= answer.position;
    if (isFirst) this.items = this.items.filter((item) => !this.#old.has(item.position));
    const page = this.#withoutReplaced(answer);
    const from = answer.more ? oldestOf(answer.notifications) ?? "" : "";
    const newer = this.items.filter(({ position }) => position > answer.position);
    const known = new Map(this.items.map((item) => [item.position, item]));
    const topics = page.notifications.map(({ position, topic }) => known.has(position) ? undefined : topic);
    const isKept = ({ position, notification: { topic } }: ListedItem) =>
      position < from && (topic === undefined || !topics.includes(topic));
    const older = isFirst ? [] : this.items.filter(isKept).map((item) => this.#updated(item));
    const loaded = page.notifications.map((one) => this.#listed(one, page.position, known.get(one.position)));
    this.items = [...newer, ...loaded, ...older];
    if (older.length === 0) this.more = answer.more;
    return this.#counted(page, streamed);
  }

  /**
   * Takes the page that follows the oldest item. Without anything older, there is nothing more, whatever it says: who loads
   * until there is no more would ask for ever.
   */
  addOlder(answer: InboxAnswer, streamed: string): boolean {
    const isOlder = (oldestOf(answer.notifications) ?? "~") < (this.oldest ?? "");
    this.more = answer.more && isOlder;
    if (!isOlder) return true;
    const page = this.#withoutReplaced(answer);
    this.items = [...this.items, ...page.notifications.map((one) => this.#listed(one, page.position))];
    this.#max = Math.max(this.#max, this.items.length);
    return this.#counted(page, streamed);
  }

  /** Takes a notification of the stream. Of a topic, only the latest is kept. */
  add(notification: TidingsNotification): boolean {
    const { position, topic } = notification;
    if (this.loadedAt !== null && position <= this.loadedAt) return true; // the answer had it, or it had gone
    if (this.items.some((item) => item.position === position)) return true;
    const alike = topic === undefined ? [] : this.items.filter((item) => item.notification.topic === topic);
    if (alike.some((item) => item.position > position)) return true;
    for (const item of alike) this.#older.removed(item);
    const others = this.items.filter((item) => !alike.includes(item));
    this.items = sorted([{ notification, position, isRead: false, asOf: position }, ...others]);
    this.#trim();
    this.#older.settle(this);
    return topic === undefined || alike.length > 0 || !this.more; // else the one before may be among the older ones
  }

  /** Takes what the stream says was read. */
  apply(state: TidingsReadState): boolean {
    const before = this.#state;
    this.#state = state;
    const isKnown = this.#older.changed(state, { list: this, before });
    this.items = this.items.map((item) => this.#updated(item));
    this.#older.settle(this);
    return isKnown;
  }

  /** Applies a change of this page as if the service had sent it, until a later state replaces it. */
  assume(change: OwnChange): void {
    this.#older.assumed(change, this);
    this.items = this.items.map((item) => {
      const effect = effectOn(change, item.position) ?? item.isRead;
      return effect === item.isRead ? item : { ...item, isRead: effect, asOf: "" };
    });
  }

  /** Drops the oldest if there are too many, so that a page may stay open for weeks. */
  #trim(): void {
    const dropped = this.items.slice(this.#max);
    if (dropped.length === 0) return;
    this.items = this.items.slice(0, this.#max);
    this.more = true;
    this.#older.unloaded(dropped);
  }

  /** The answer without what has been replaced by what the stream has brought since. */
  #withoutReplaced(answer: InboxAnswer): InboxAnswer {
    const isReplaced = ({ topic }: TidingsNotification) =>
      topic !== undefined &&
      this.items.some(({ position, notification }) =>
        notification.topic === topic && position > answer.position
      );
    const notifications = answer.notifications.filter((one) => !isReplaced(one));
    const replaced = answer.notifications.filter((one) => isReplaced(one) && !one.read);
    return { ...answer, notifications, unread: answer.unread - replaced.length };
  }

  #listed(
    { read, ...notification }: InboxAnswer["notifications"][number],
    asOf: string,
    known?: ListedItem,
  ): ListedItem {
    if (known !== undefined && (known.asOf >= asOf || known.isRead === read)) {
      return this.#updated(known, asOf);
    }
    return this.#updated({ notification, position: notification.position, isRead: read, asOf });
  }

  /** The item as the latest state has it, unless a later answer has it too. */
  #updated(item: ListedItem, asOf = item.asOf): ListedItem {
    const state = this.#state;
    if (state === null || state.position <= asOf) return asOf > item.asOf ? { ...item, asOf } : item;
    const isNowRead = isRead(state, item.position);
    return isNowRead === item.isRead && item.asOf === state.position
      ? item
      : { ...item, isRead: isNowRead, asOf: state.position };
  }

  #counted(answer: InboxAnswer, streamed: string): boolean {
    const isKnown = this.#older.answered(answer, { list: this, state: this.#state, streamed });
    this.#older.settle(this);
    const isLater = ({ position, notification: { topic } }: ListedItem) =>
      topic !== undefined && position > answer.position;
    return isKnown && (!this.more || !this.items.some(isLater)); // it may have replaced one of the older ones
  }
}

function oldestOf(newestFirst: readonly { readonly position: string }[]): string | undefined {
  return newestFirst[newestFirst.length - 1]?.position;
}

function sorted(items: ListedItem[]): ListedItem[] {
  return items.sort((one, other) => one.position < other.position ? 1 : -1);
}
