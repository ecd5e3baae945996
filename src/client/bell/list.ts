/** The bell's list: a row for each notification, which stays the same element for as long as it is shown. */

import type { InboxItem } from "../inbox.ts";
import { create } from "./create.ts";
import { BellRow, type RowDeps } from "./row.ts";

const STEPS: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowDown: (index, last) => Math.min(index + 1, last),
  ArrowUp: (index) => Math.max(index - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

export class List {
  readonly element: HTMLUListElement = create("ul", "list");
  readonly #deps: RowDeps;
  #rows = new Map<string, BellRow>(); // by position, because ids come again

  constructor(deps: RowDeps) {
    this.#deps = deps;
    this.element.setAttribute("role", "list"); // Safari hides a list that has no bullets
  }

  show(items: readonly InboxItem[]): void {
    const before = this.#rows;
    this.#rows = new Map(items.map((item) => {
      const row = before.get(item.position) ?? new BellRow(item, this.#deps);
      row.update(item);
      return [item.position, row];
    }));
    for (const [position, { element }] of before) if (!this.#rows.has(position)) element.remove();
    let next = this.element.firstChild; // an element that is moved loses the focus, so none is
    for (const { element } of this.#rows.values()) {
      if (element === next) next = next.nextSibling;
      else this.element.insertBefore(element, next);
    }
  }

  /** Updates how long ago everything was. */
  tell(): void {
    for (const row of this.#rows.values()) row.tell();
  }

  /** Moves the focus to another notification, if the key does that. */
  move(key: string): boolean {
    const rows = [...this.#rows.values()], step = STEPS[key];
    if (step === undefined || rows.length === 0) return false;
    const index = rows.findIndex(({ element }) => element.matches(":focus-within"));
    rows[step(index, rows.length - 1)]?.opener.focus();
    return true;
  }
}
