/** Joins a source with the panel that shows it: what changes is shown, and what the user does is carried out. */

import type { InboxItem } from "../inbox.ts";
import type { TidingsError } from "../tidings.ts";
import { Arrivals } from "./arrivals.ts";
import { displayOf } from "./display.ts";
import { localeOf } from "./locale.ts";
import { noteOf } from "./note.ts";
import { Panel } from "./panel.ts";
import type { OpenSource } from "./source.ts";
import { applyStyle } from "./style.ts";
import type { BellTexts } from "./bell_texts.ts";
import { fill } from "./texts.ts";

export class Presenter {
  readonly #host: HTMLElement;
  readonly #root: ShadowRoot;
  #texts: BellTexts;
  #panel: Panel;
  #source: OpenSource | null = null;
  #arrivals = new Arrivals();
  #error: TidingsError | null = null;
  #listening = new AbortController();
  #isRendering = false;

  constructor(host: HTMLElement, root: ShadowRoot, texts: BellTexts) {
    this.#host = host;
    this.#root = root;
    this.#texts = texts;
    this.#panel = this.#build();
  }

  get panel(): Panel {
    return this.#panel;
  }

  /** Builds everything anew, with these texts and in the language of where the element stands. */
  rebuild(texts: BellTexts): void {
    this.#texts = texts;
    this.#panel.toggle(false);
    this.#panel = this.#build();
    this.#render();
  }

  /** Shows another source from now on. */
  present(source: OpenSource | null): void {
    this.#listening.abort();
    this.#listening = new AbortController();
    this.#source = source;
    this.#error = null;
    this.#arrivals = new Arrivals();
    const { signal } = this.#listening, render = () => this.#renderSoon();
    source?.inbox.addEventListener("change", render, { signal });
    source?.tidings?.addEventListener("state", render, { signal });
    source?.tidings?.addEventListener("error", ({ detail }) => {
      if (detail.final) this.#error = detail;
    }, { signal });
    this.#render();
  }

  #build(): Panel {
    this.#root.replaceChildren();
    applyStyle(this.#root);
    return new Panel(this.#root, {
      texts: this.#texts,
      locale: localeOf(this.#host),
      onOpen: (item, event) => this.#open(item, event),
      onToggle: (item) => {
        if (item.read) this.#source?.inbox.markUnread(item);
        else this.#source?.inbox.read(item);
      },
      onReadAll: () => this.#source?.inbox.readAll(),
      onMore: () => void this.#source?.inbox.loadMore().catch(() => this.#render(this.#texts.moreFailed)),
    });
  }

  /** A burst of notifications is shown once. A hidden page shows nothing until the user returns to it. */
  #renderSoon(): void {
    if (this.#isRendering) return;
    this.#isRendering = true;
    requestAnimationFrame(() => {
      this.#isRendering = false;
      this.#render();
    });
  }

  /** @param failure what the user's last act has not achieved */
  #render(failure = ""): void {
    const { inbox = null, tidings } = this.#source ?? {},
      { items = [], unread = 0, more = false } = inbox ?? {};
    const note = failure ||
      noteOf({ status: tidings?.status ?? null, error: this.#error, inbox }, this.#texts);
    this.#panel.show({ items, unread, more, note });
    if (inbox?.state === "ready") this.#announce(this.#arrivals.look(items));
  }

  #announce(arrived: readonly InboxItem[]): void {
    const [latest] = arrived, { arrived: one, arrivedMany, untitled } = this.#texts;
    if (latest === undefined) return;
    const { title } = displayOf(latest.data, untitled);
    this.#panel.announce(
      fill(arrived.length === 1 ? one : arrivedMany, { title, count: `${arrived.length}` }),
    );
  }

  /** The page may show the notification itself: then the browser does not follow the link. */
  #open(item: InboxItem, event: MouseEvent): void {
    this.#source?.inbox.read(item);
    const { button, ctrlKey, metaKey, shiftKey, altKey, currentTarget } = event;
    if (button > 0 || ctrlKey || metaKey || shiftKey || altKey) return; // the browser opens it elsewhere
    const options = { detail: item, bubbles: true, composed: true, cancelable: true };
    const isForPage = !this.#host.dispatchEvent(new CustomEvent("tidings-open", options));
    if (isForPage) event.preventDefault();
    if (isForPage || currentTarget instanceof HTMLAnchorElement) this.#panel.toggle(false);
  }
}
