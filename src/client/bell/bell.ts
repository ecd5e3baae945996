/** The module `/bell.js`: defines the element `<tidings-inbox>`, with its attributes and its properties. */

import type { TidingsInbox } from "../inbox.ts";
import type { ConnectOptions, Tidings } from "../tidings.ts";
import { Presenter } from "./presenter.ts";
import { type OpenSource, openSource } from "./source.ts";
import type { BellTexts } from "./bell_texts.ts";
import { TEXTS } from "./texts.ts";
import { tokenByUrl } from "./token_by_url.ts";

export type { BellTexts };

/** A token, or the option `token` of `connect`. */
export type BellToken = string | NonNullable<ConnectOptions["token"]>;

/** A server that renders pages has no elements, but may import the module. */
const Element: typeof HTMLElement = globalThis.HTMLElement ?? class {};
const NAME = "tidings-inbox";

/** A bell with the number of unread notifications, and a panel that lists them. */
export class TidingsInboxElement extends Element {
  static readonly observedAttributes: readonly string[] = ["url", "target", "token-url", "share", "texts"];

  readonly #presenter: Presenter;
  #texts: BellTexts = TEXTS;
  #token: BellToken | null = null;
  #tidings: Tidings | null = null;
  #inbox: TidingsInbox | null = null;
  #source: OpenSource | null = null;
  #isStale = false;

  constructor() {
    super();
    this.#presenter = new Presenter(this, this.attachShadow({ mode: "open" }), TEXTS);
    this.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !this.contains(relatedTarget)) this.open = false;
    });
  }

  /** How the bell's own connection gets a token. Without it, and without `token-url`, a cookie identifies the user. */
  get token(): BellToken | null {
    return this.#token;
  }
  set token(token: BellToken | null) {
    this.#token = token;
    this.#restart();
  }

  /** The connection. The bell uses one that the page sets instead of its own, and leaves it open. */
  get tidings(): Tidings | null {
    return this.#tidings ?? this.#source?.tidings ?? null;
  }
  set tidings(tidings: Tidings | null) {
    this.#tidings = tidings;
    this.#restart();
  }

  /** What the bell shows. The page may set one that it has already. */
  get inbox(): TidingsInbox | null {
    return this.#inbox ?? this.#source?.inbox ?? null;
  }
  set inbox(inbox: TidingsInbox | null) {
    this.#inbox = inbox;
    this.#restart();
  }

  /** All texts. Setting some of them leaves the others in English. */
  get texts(): Partial<BellTexts> {
    return this.#texts;
  }
  set texts(texts: Partial<BellTexts>) {
    this.#texts = { ...TEXTS, ...texts };
    this.#presenter.rebuild(this.#texts);
  }

  /** Whether the panel is open. */
  get open(): boolean {
    return this.#presenter.panel.isOpen;
  }
  set open(open: boolean) {
    if (open !== this.open) this.#presenter.panel.toggle(open);
  }

  override focus(options?: FocusOptions): void {
    this.#presenter.panel.button.focus(options);
  }

  connectedCallback(): void {
    for (const name of ["token", "tidings", "inbox", "texts"] as const) this.#takeOver(name);
    this.#presenter.rebuild(this.#texts);
    document.addEventListener("pointerdown", this.#closeOutside, true);
    this.#settle();
  }

  disconnectedCallback(): void {
    document.removeEventListener("pointerdown", this.#closeOutside, true);
    this.open = false;
    this.#settle();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (name === "texts") this.texts = JSON.parse(after ?? "{}");
    else this.#restart();
  }

  /** A property that was set before the element was defined hides the accessor of the class. */
  #takeOver(name: "token" | "tidings" | "inbox" | "texts"): void {
    const own = Object.getOwnPropertyDescriptor(this, name);
    if (own === undefined) return;
    Reflect.deleteProperty(this, name);
    Reflect.set(this, name, own.value);
  }

  readonly #closeOutside = (event: Event) => {
    if (!event.composedPath().includes(this)) this.open = false;
  };

  #restart(): void {
    this.#isStale = true;
    this.#settle();
  }

  /** Waits until the page has set all it sets at once, or has put the element where it moves it. */
  #settle(): void {
    queueMicrotask(() => {
      const isIn = this.isConnected;
      if (isIn ? this.#source && !this.#isStale : !this.#source) return;
      this.#source?.close();
      this.#source = isIn ? openSource(this.#given()) : null;
      this.#isStale = false;
      this.#presenter.present(this.#source);
    });
  }

  #given() {
    const token = this.#token,
      tokenUrl = this.getAttribute("token-url"),
      target = this.getAttribute("target");
    return {
      inbox: this.#inbox,
      tidings: this.#tidings,
      url: this.getAttribute("url"),
      options: {
        ...(tokenUrl !== null && { token: () => tokenByUrl(tokenUrl) }),
        ...(token && { token: typeof token === "string" ? () => token : token }),
        ...(target !== null && { target }),
        share: this.getAttribute("share") !== null,
      },
    };
  }
}

const { customElements } = globalThis;
if (customElements && !customElements.get(NAME)) customElements.define(NAME, TidingsInboxElement);
