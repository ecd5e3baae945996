/** What a page sees of its inbox: what the service says, with the page's own changes on top. */

import type { InboxItem } from "./inbox.ts";
import type { ItemList, ListedItem } from "./item_list.ts";
import type { MarkSender } from "./mark_sender.ts";

export class ItemViews {
  items: readonly InboxItem[] = [];
  unread = 0;
  readonly #list: ItemList;
  readonly #sender: MarkSender;
  readonly #views = new WeakMap<ListedItem, InboxItem>(); // an item that has not changed stays the same object

  constructor(list: ItemList, sender: MarkSender) {
    this.#list = list;
    this.#sender = sender;
  }

  /** Computes the view anew. Returns the positions of what was not read before, and is now. */
  update(): Set<string> {
    const wasRead = new Set(this.items.filter(({ read }) => read).map(({ position }) => position));
    this.items = this.#list.items.map((item) => this.#viewOf(item));
    const isCovered = this.#sender.covers(this.#list.oldest ?? ""); // and so are all that are older
    this.unread = this.items.filter(({ read }) => !read).length + (isCovered ? 0 : this.#list.older);
    const newlyRead = this.items.filter(({ position, read }) => read && !wasRead.has(position));
    return new Set(newlyRead.map(({ position }) => position));
  }

  #viewOf(item: ListedItem): InboxItem {
    const read = this.#sender.effectOn(item.position) ?? item.isRead;
    const before = this.#views.get(item);
    if (before?.read === read) return before;
    const view = { ...item.notification, read };
    this.#views.set(item, view);
    return view;
  }
}
