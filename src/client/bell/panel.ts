/** What the bell shows: the button with its badge, and the panel with the list. It knows no service. */

import type { InboxItem } from "../inbox.ts";
import { create, createButton, createHidden } from "./create.ts";
import { createIcon } from "./icon.ts";
import { List } from "./list.ts";
import { badgeText } from "./locale.ts";
import { placePanel } from "./place_panel.ts";
import type { RowDeps } from "./row.ts";
import { fill } from "./texts.ts";

const TELL_MS = 30_000;

/** What the panel calls when the user acts. */
export interface PanelDeps extends RowDeps {
  readonly onReadAll: () => void;
  readonly onMore: () => void;
}

/** What there is to show. */
export interface Shown {
  readonly items: readonly InboxItem[];
  readonly unread: number;
  /** Older notifications can be loaded. */
  readonly more: boolean;
  /** Why the list is empty, or may be out of date. */
  readonly note: string;
}

export class Panel {
  readonly button: HTMLButtonElement = createButton("button", () => this.toggle(!this.isOpen));
  readonly #deps: PanelDeps;
  readonly #list: List;
  readonly #badge = create("span", "badge");
  readonly #panel = create("div", "panel");
  readonly #readAll: HTMLButtonElement;
  readonly #more: HTMLButtonElement;
  readonly #note = create("p", "note");
  readonly #live = createHidden();
  #shown: Shown = { items: [], unread: 0, more: false, note: "" };
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(root: ShadowRoot, deps: PanelDeps) {
    const { texts, onReadAll, onMore } = deps;
    this.#deps = deps;
    this.#list = new List(deps);
    this.#readAll = createButton("read-all", () => this.#shown.unread > 0 && onReadAll());
    this.#readAll.append(texts.readAll);
    this.#more = createButton("more", onMore);
    this.#more.append(texts.more);
    this.#badge.setAttribute("aria-hidden", "true"); // the button's name has the number
    this.#note.setAttribute("role", "status");
    this.#live.setAttribute("aria-live", "polite");
    this.button.append(createIcon(), this.#badge);
    this.button.setAttribute("aria-haspopup", "dialog");
    const header = create("div", "header", create("h2", "heading", texts.title), this.#readAll);
    const scroll = create("div", "scroll", this.#list.element, this.#more);
    this.#panel.append(header, this.#note, scroll);
    this.#panel.setAttribute("role", "dialog");
    this.#panel.setAttribute("aria-label", texts.title);
    this.#panel.tabIndex = -1;
    root.append(this.button, this.#panel, this.#live);
    for (const part of [this.button, this.#panel] as HTMLElement[]) {
      part.addEventListener("keydown", this.#onKey);
    }
    this.toggle(false);
  }

  get isOpen(): boolean {
    return !this.#panel.hidden;
  }

  /** Opens or closes the panel. The focus goes into it, and back to the button. */
  toggle(open: boolean): void {
    const hadFocus = this.#panel.matches(":focus-within");
    this.#panel.hidden = !open;
    this.button.setAttribute("aria-expanded", `${open}`);
    clearInterval(this.#timer);
    if (open) {
      this.show(this.#shown);
      this.#list.tell();
      this.#timer = setInterval(() => this.#list.tell(), TELL_MS);
      this.#panel.focus({ preventScroll: true });
    } else if (hadFocus) this.button.focus();
  }

  show(shown: Shown): void {
    const { texts, locale } = this.#deps, { unread, note, more, items } = shown;
    this.#shown = shown;
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = badgeText(unread, locale);
    const name = fill(unread === 0 ? texts.title : texts.titleUnread, { count: `${unread}` });
    this.button.setAttribute("aria-label", name);
    if (!this.isOpen) return; // the list may be long, and nobody sees it
    const hadFocus = this.#panel.matches(":focus-within");
    this.#list.show(items);
    this.#readAll.setAttribute("aria-disabled", `${unread === 0}`);
    this.#more.hidden = !more;
    this.#note.hidden = note === "";
    if (this.#note.textContent !== note) this.#note.textContent = note;
    placePanel(this.#panel, this.button); // its height may have changed
    if (hadFocus && !this.#panel.matches(":focus-within")) this.#panel.focus(); // what had it is gone
  }

  /** Lets screen readers say what has arrived. */
  announce(text: string): void {
    this.#live.textContent = text;
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const { key, target } = event;
    if (key === "Escape" && this.isOpen) this.toggle(false);
    else if (target === this.button && key === "ArrowDown" && !this.isOpen) this.toggle(true);
    else if (!this.isOpen || !this.#list.move(key)) return;
    event.preventDefault();
    event.stopPropagation(); // Escape closes no dialog of the page as well
  };
}
