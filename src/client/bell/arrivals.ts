/** Finds out which notifications have arrived since the last look, to announce them. */

import type { InboxItem } from "../inbox.ts";

export class Arrivals {
  #known: Set<string> | null = null;

  /** Returns what is new at the beginning of the list and unread. The first look finds nothing. */
  look(items: readonly InboxItem[]): readonly InboxItem[] {
    const known = this.#known;
    this.#known = new Set(items.map(({ position }) => position));
    if (known === null) return [];
    const end = items.findIndex(({ position }) => known.has(position));
    return items.slice(0, end < 0 ? undefined : end).filter(({ read }) => !read);
  }
}
