/** One notification in the bell's list: what opens it, and the button that changes whether it is read. */

import type { InboxItem } from "../inbox.ts";
import { create, createButton, createHidden } from "./create.ts";
import { displayOf } from "./display.ts";
import { relativeTime } from "./locale.ts";
import type { BellTexts } from "./bell_texts.ts";
import { fill } from "./texts.ts";

export interface RowDeps {
  readonly texts: BellTexts;
  readonly locale: string | undefined;
  /** Called when the user opens the notification. The browser follows its link unless the event is prevented. */
  readonly onOpen: (item: InboxItem, event: MouseEvent) => void;
  readonly onToggle: (item: InboxItem) => void;
}

export class BellRow {
  readonly element: HTMLLIElement;
  /** The link, or the button without one. */
  readonly opener: HTMLElement;
  readonly #deps: RowDeps;
  readonly #title: string;
  readonly #time: HTMLTimeElement;
  readonly #unread: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  #item: InboxItem;

  constructor(item: InboxItem, deps: RowDeps) {
    const { texts, locale, onOpen, onToggle } = deps;
    const { title, body, href } = displayOf(item.data, texts.untitled);
    this.#item = item;
    this.#deps = deps;
    this.#title = title;
    this.#time = create("time", "time");
    this.#time.dateTime = item.at;
    this.#time.title = new Date(item.at).toLocaleString(locale);
    this.#unread = createHidden(`${texts.unread} `);
    this.#toggle = createButton("toggle", () => onToggle(this.#item));
    this.opener = href === null ? createButton("open") : create("a", "open");
    if (href !== null) this.opener.setAttribute("href", href);
    this.opener.append(this.#unread, text("title", title));
    if (body !== "") this.opener.append(" ", text("body", body));
    this.opener.append(" ", this.#time);
    for (const type of ["click", "auxclick"] as const) {
      this.opener.addEventListener(type, (event) => event.button < 2 && onOpen(this.#item, event));
    }
    this.element = create("li", "", this.opener, this.#toggle);
    this.update(item);
    this.tell();
  }

  /** Shows whether the notification is read. The elements stay, and with them the focus. */
  update(item: InboxItem): void {
    const { markRead, markUnread } = this.#deps.texts;
    this.#item = item;
    this.element.setAttribute("part", item.read ? "item" : "item unread");
    this.#unread.hidden = item.read;
    const label = fill(item.read ? markUnread : markRead, { title: this.#title });
    this.#toggle.setAttribute("aria-label", label);
  }

  /** Shows how long ago the notification was accepted. */
  tell(): void {
    this.#time.textContent = relativeTime(this.#item.at, this.#deps.locale);
  }
}

/** Text of a publisher: its first letter decides the direction, whatever the page's is. */
function text(part: string, content: string): HTMLElement {
  const created = create("span", part, content);
  created.dir = "auto";
  return created;
}
