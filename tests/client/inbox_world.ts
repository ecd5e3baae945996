/** A service with a real journal, and the tabs of one user whose networks a test moves step by step. */

import type { MarkMessage, Tidings } from "../../src/client/client.ts";
import { inbox } from "../../src/client/inbox.ts";
import type { Draft, Entry, Feed, Page } from "../../src/journal/journal.ts";
import type { InboxPage, ReadChange } from "../../src/journal/read.ts";
import { readTest } from "../../src/journal/mark.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";

const TARGET = "alexander";
const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 1_000_000 };
const ALL = { entries: 1_000, bytes: 1_000_000 };
const REFUSAL = { status: 422, title: "no", detail: "no" };
const NO_ROOM = { status: 503, title: "later", detail: "later" };

/** The service, and all who use it. */
export class InboxWorld {
  journal = new MemoryJournal(this.#feed(), RETENTION);
  readonly tabs: FakeTab[] = [];
  /** The notifications in a page of the inbox. */
  readonly pageSize: number;
  #count = 0;

  constructor({ tabs, pageSize }: { tabs: number; pageSize: number }) {
    this.pageSize = pageSize;
    void this.journal.follow(TARGET);
    for (let n = 0; n < tabs; n++) this.tabs.push(new FakeTab(this));
  }

  async notify(options: Partial<Draft> = {}): Promise<void> {
    const draft = {
      target: TARGET,
      ttl: null,
      topic: null,
      urgency: null,
      push: null,
      digest: null,
      ...options,
    };
    await this.journal.append([{ ...draft, id: `${++this.#count}`, data: `${this.#count}` }]);
  }

  /** Another device of the user marks the notification that is so many behind the newest. */
  async mark(type: "read" | "unread" | "through", behind: number): Promise<void> {
    const { entries } = await this.inbox();
    const { position } = entries[behind % entries.length] ?? {};
    if (position === undefined) return;
    const change: ReadChange = type === "through"
      ? { type: "read", through: position }
      : { type, positions: [position] };
    await this.journal.mark(TARGET, change);
  }

  async inbox(before: string | null = null, entries = 1_000): Promise<InboxPage> {
    return await this.journal.inbox(TARGET, before, { entries, bytes: ALL.bytes });
  }

  /** The journal loses everything, and begins anew. */
  async restart(): Promise<void> {
    for (const tab of this.tabs) tab.cut();
    await this.journal.close();
    this.journal = new MemoryJournal(this.#feed(), RETENTION);
    await this.journal.follow(TARGET);
  }

  async read(after: string | null, isStart: boolean): Promise<Page> {
    return await this.journal.read(TARGET, after, isStart ? { entries: 0, bytes: 0 } : ALL);
  }

  #feed(): Feed {
    return {
      offer: (entry: Entry) => {
        for (const tab of this.tabs ?? []) tab.offer(entry.text);
        return true;
      },
      gap: () => {},
    };
  }
}

/** A request whose answer the test gives in two steps: what it says is older when it arrives. */
interface Request {
  readonly before: string | null;
  answer?: unknown;
  readonly settle: PromiseWithResolvers<unknown>;
}

/** The connection of a tab, as its inbox sees it. */
export class FakeTab extends EventTarget {
  status = { state: "connecting" as Tidings["state"], target: null as string | null, reason: "" };
  position: string | null = null;
  target = TARGET;
  readonly inbox: ReturnType<typeof inbox<number>>;
  readonly #world: InboxWorld;
  #stream: string[] = [];
  #answers: unknown[] = [];
  #sent: MarkMessage[] = [];
  #requests: Request[] = [];

  constructor(world: InboxWorld) {
    super();
    this.#world = world;
    this.inbox = inbox<number>(this as unknown as Tidings<number>);
  }

  get state(): Tidings["state"] {
    return this.status.state;
  }

  mark(message: MarkMessage): boolean {
    if (this.state === "open") this.#sent.push(message);
    return this.state === "open";
  }

  request(_route: string, { query }: { query: { before?: string } }): Promise<unknown> {
    const settle = Promise.withResolvers<unknown>();
    this.#requests.push({ before: query.before ?? null, settle });
    return settle.promise;
  }

  offer(text: string): void {
    if (this.state === "open") this.#stream.push(text);
  }

  /** Connects, and resumes after the last position. */
  async open(): Promise<void> {
    if (this.state === "open") return;
    const hasPosition = this.position !== null;
    const { next, complete } = await this.#world.read(this.position, true);
    this.position = next;
    if (hasPosition) {
      const { entries } = await this.#world.read(next, false);
      this.#stream.push(...entries.map(({ text }) => text));
    }
    this.#setState("open");
    if (hasPosition && !complete) this.#dispatch("missed", { why: "expired" });
  }

  /** Loses everything that is under way. */
  cut(): void {
    this.#stream = [];
    this.#answers = [];
    this.#sent = [];
    for (const { settle } of this.#requests.splice(0)) settle.reject(new Error("the network is gone"));
    this.#setState("waiting");
  }

  /** The next entry of the stream arrives. */
  deliver(): boolean {
    const text = this.#stream.shift();
    if (text === undefined) return false;
    const { type, ...detail } = JSON.parse(text);
    this.position = detail.position;
    this.#dispatch(type, detail);
    return true;
  }

  /** The next answer to a mark arrives, maybe before the stream shows the mark. */
  deliverAnswer(): boolean {
    const answer = this.#answers.shift();
    if (answer !== undefined) this.#dispatch("marked", answer);
    return answer !== undefined;
  }

  /** The service takes the next mark, or refuses it. */
  async take(outcome: "merge" | "refuse" | "no room" = "merge"): Promise<boolean> {
    const message = this.#sent.shift();
    if (message === undefined) return false;
    const { ref, ...change } = message;
    if (outcome === "merge") await this.#world.journal.mark(TARGET, change);
    const problem = { "merge": undefined, "refuse": REFUSAL, "no room": NO_ROOM }[outcome];
    this.#answers.push({ ref, ...(problem && { problem }) });
    return true;
  }

  /** The service answers the next request, and the answer is under way. */
  async answer(): Promise<boolean> {
    const request = this.#requests.find(({ answer }) => answer === undefined);
    if (request === undefined) return false;
    const page = await this.#world.inbox(request.before, this.#world.pageSize);
    const isRead = readTest(page.mark);
    const notifications = page.entries.map(({ text, position }) => {
      const { type: _, ...notification } = JSON.parse(text);
      return { ...notification, read: isRead(position) };
    });
    const { unread, position, more, mark: { through } } = page;
    request.answer = { target: TARGET, unread, position, through, notifications, more };
    return true;
  }

  deliverPage(): boolean {
    const at = this.#requests.findIndex(({ answer }) => answer !== undefined);
    const [request] = at < 0 ? [] : this.#requests.splice(at, 1);
    request?.settle.resolve(request.answer);
    return request !== undefined;
  }

  #setState(state: Tidings["state"]): void {
    this.status = { state, target: this.target, reason: state === "open" ? "" : "gone" };
    this.#dispatch("state", this.status);
  }

  #dispatch(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
