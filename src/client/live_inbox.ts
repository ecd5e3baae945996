/** The inbox as a page uses it: follows a connection, and sends what the page marks. */

import { setAppBadge } from "./app_badge.ts";
import type { InboxItem, InboxOptions, TidingsInbox } from "./inbox.ts";
import { type InboxAnswer, ItemList } from "./item_list.ts";
import { ItemViews } from "./item_views.ts";
import { COUNT_MS, PAGE_SIZE } from "./limits.ts";
import { MarkSender } from "./mark_sender.ts";
import type { OwnChange } from "./own_change.ts";
import { isOfSameJournal, isPosition } from "./positions.ts";
import { PageLoader } from "./page_loader.ts";
import { ShownNotifications } from "./shown_notifications.ts";
import type { MarkAnswer, Tidings } from "./tidings.ts";
import { createTidingsError } from "./tidings_error.ts";

type Marked = readonly { readonly position: string }[];

export class LiveInbox extends EventTarget implements TidingsInbox {
  state: TidingsInbox["state"] = "loading";
  reason = "";
  readonly #tidings: Tidings;
  readonly #hasBadge: boolean;
  readonly #list = new ItemList();
  readonly #shown = new ShownNotifications();
  readonly #sender: MarkSender;
  readonly #loader: PageLoader;
  readonly #abort = new AbortController();
  readonly #views: ItemViews;
  #from: string | null = null; // an answer from before has a gap behind it
  #target: string | null = null;
  #era = 0; // grows when the stream has lost something
  #loadingMore: Promise<void> | null = null;
  #isStale = false;
  #isChanging = false;
  #badge: number | undefined;

  constructor(tidings: Tidings, { badge = true }: InboxOptions) {
    super();
    this.#tidings = tidings;
    this.#hasBadge = badge;
    this.#sender = new MarkSender({
      send: (message) => void tidings.mark(message),
      onUnseen: (change) => {
        this.#list.assume(change);
        this.#update(false);
      },
      onRefused: (problem) => this.#onRefused(problem),
    });
    this.#views = new ItemViews(this.#list, this.#sender);
    this.#loader = new PageLoader({
      load: () => this.#load(),
      onFailure: (reason) => this.#onFailure(reason),
    });
    this.#listen();
    this.#loader.ask();
  }

  get items(): readonly InboxItem[] {
    this.#refresh();
    return this.#views.items;
  }

  get unread(): number {
    this.#refresh();
    return this.#views.unread;
  }

  /** False without an item: who loads until there is no more would ask for ever. */
  get more(): boolean {
    return this.#list.more && this.#list.oldest !== undefined;
  }

  read(...items: Marked): void {
    this.#mark("read", items);
  }

  markUnread(...items: Marked): void {
    this.#mark("unread", items);
  }

  readAll(): void {
    const through = this.#list.items[0]?.position;
    if (through !== undefined) this.#add({ type: "read", through });
  }

  loadMore(): Promise<void> {
    return this.#loadingMore ??= this.#loadMore().finally(() => this.#loadingMore = null);
  }

  close(): void {
    this.#abort.abort();
    this.#loader.close();
    this.#sender.close();
  }

  #listen(): void {
    const tidings = this.#tidings, until = { signal: this.#abort.signal };
    tidings.addEventListener("notification", ({ detail }) => this.#update(this.#list.add(detail)), until);
    tidings.addEventListener("read", ({ detail }) => {
      this.#sender.onState(detail);
      this.#update(this.#list.apply(detail));
    }, until);
    tidings.addEventListener("marked", ({ detail }) => {
      this.#sender.onAnswer(detail);
      this.#update();
    }, until);
    tidings.addEventListener("shown", ({ detail }) => this.#shown.add(detail), until);
    tidings.addEventListener("missed", ({ detail }) => {
      if (detail.why !== "unread") this.#startAnew(); // a loop of the page has dropped what the inbox has
    }, until);
    tidings.addEventListener("state", () => this.#onStatus(), until);
    tidings.addEventListener("leave", () => this.#sender.flush(), until);
    this.#onStatus();
  }

  #onStatus(): void {
    const { state, position, status } = this.#tidings;
    if (state === "closed") {
      this.close();
      this.#onFailure(status.reason);
    }
    if (state !== "open") return;
    this.#sender.resend();
    this.#from ??= position;
    const { loadedAt } = this.#list;
    if (loadedAt === null) this.#loader.wake();
    else if (this.#hasGap(loadedAt) || this.#target !== status.target) this.#startAnew();
  }

  /** What was sent before the connection had started, and after the answer, has come neither way. */
  #hasGap(loadedAt: string): boolean {
    const from = this.#from ?? loadedAt;
    return loadedAt < from || !isOfSameJournal(loadedAt, from);
  }

  #startAnew(): void {
    const { position, status: { target } } = this.#tidings;
    this.#era++;
    this.#from = position;
    this.#list.startAnew(this.#target === target ? position : null); // nobody sees the items of another user
    this.#update();
    if (this.#list.items.length === 0) {
      this.state = "loading";
      this.reason = "";
    }
    this.#loader.ask();
  }

  async #load(): Promise<void> {
    const era = this.#era;
    const page = await this.#get();
    if (!this.#isUsable(page, era)) return;
    const { target } = this.#tidings.status;
    if ((target ?? page.target) !== page.target) throw new Error(`the inbox of ${page.target} came`);
    if (this.#list.loadedAt === null && this.#hasGap(page.position)) return this.#loader.ask();
    this.#target = page.target;
    this.state = "ready";
    this.reason = "";
    this.#update(this.#list.load(page, this.#tidings.position ?? ""));
  }

  async #loadMore(): Promise<void> {
    const before = this.#list.oldest, era = this.#era;
    if (!this.more || before === undefined) return;
    const page = await this.#get({ before });
    if (!this.#isUsable(page, era) || before !== this.#list.oldest) return;
    this.#update(this.#list.addOlder(page, this.#tidings.position ?? ""));
  }

  /** False if the list has begun anew since it asked, or will when the stream shows that there is another journal. */
  #isUsable({ position }: InboxAnswer, era: number): boolean {
    const { loadedAt } = this.#list;
    const isContinued = loadedAt === null || isOfSameJournal(position, loadedAt);
    return era === this.#era && isContinued && !this.#abort.signal.aborted;
  }

  async #get(query: Record<string, string> = {}): Promise<InboxAnswer> {
    return await this.#tidings.request("inbox", {
      query: { ...query, limit: `${PAGE_SIZE}` },
    }) as InboxAnswer;
  }

  #mark(type: "read" | "unread", items: Marked): void {
    const positions = items.map(({ position }) => position).filter(isPosition);
    this.#add({ type, positions: new Set(positions) });
  }

  #add(change: OwnChange): void {
    this.#sender.add(change);
    this.#update();
  }

  #onRefused({ status, title, detail }: NonNullable<MarkAnswer["problem"]>): void {
    this.#update();
    const error = createTidingsError(`${status} ${title}: ${detail}`, { final: false, status });
    this.dispatchEvent(new CustomEvent("error", { detail: error }));
  }

  #onFailure(reason: string): void {
    if (this.#list.loadedAt !== null) return;
    this.state = "failed";
    this.reason = reason;
    this.#update();
  }

  /** @param isKnown false: only the service can say how many are unread */
  #update(isKnown = true): void {
    if (!isKnown) this.#loader.ask(COUNT_MS * (1 + Math.random()));
    this.#isStale = true;
    if (this.#isChanging) return;
    this.#isChanging = true;
    queueMicrotask(() => this.#onChange());
  }

  /** Computes what the page sees, if it looks before the event. */
  #refresh(): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    const newlyRead = this.#views.update();
    if (newlyRead.size > 0) void this.#shown.close(newlyRead);
  }

  #onChange(): void {
    this.#isChanging = false;
    this.#refresh();
    if (this.#hasBadge && this.state === "ready" && this.#badge !== this.unread) {
      this.#badge = this.unread;
      void setAppBadge(this.unread);
    }
    this.dispatchEvent(new Event("change"));
  }
}
