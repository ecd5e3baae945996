/** A tab, as its page has it: takes what comes, once each, and gives it to listeners and loops. */

import { type Address, addressOf } from "./address.ts";
import { type End, reasonOf } from "./end.ts";
import { tidingsError } from "./error.ts";
import { askToShow, showing } from "./native.ts";
import { Outgoing } from "./outgoing.ts";
import { Seen } from "./seen.ts";
import { Sharing, type Word } from "./sharing.ts";
import type {
  ConnectOptions,
  Missed,
  Standing,
  Tidings,
  TidingsError,
  TidingsEvents,
  TidingsNotification,
  TidingsState,
} from "./tidings.ts";
import { Unread } from "./unread.ts";
import { Upkeep } from "./upkeep.ts";

/** What the server sends. */
type Message =
  | { type: "welcome"; connection: string; target: string; position: string; recovered: boolean | null }
  | { type: "missed"; position?: never }
  | { type: "error"; problem: { status: number; title: string; detail: string }; position?: never }
  | ({ type: "notification" } & TidingsNotification);

const AT_FIRST: Standing = {
  state: "connecting",
  reason: "",
  retryInMs: 0,
  transport: null,
  target: null,
  connection: null,
};

export class Tab extends EventTarget implements Tidings {
  standing: Standing = AT_FIRST;
  position: string | null;
  readonly #options: ConnectOptions;
  readonly #seen = new Seen();
  readonly #loops = new Set<Unread<TidingsNotification>>();
  readonly #abort = new AbortController();
  readonly #outgoing: Outgoing;
  readonly #show: (notification: TidingsNotification) => void;
  readonly #address: Address;
  readonly #upkeep: Upkeep;
  readonly #stopped = Promise.withResolvers<End>();
  readonly #over: Promise<void>;
  #sharing: Sharing | null = null;

  constructor(url: string | URL, options: ConnectOptions) {
    super();
    const { target, token, after = null, signal } = options;
    this.#options = options;
    this.position = after;
    this.#show = showing(options.showNotification);
    this.#outgoing = new Outgoing({
      send: (messages) => this.#upkeep.send(messages, this.standing.connection ?? ""),
      failed: (error) => this.#fail(tidingsError(reasonOf(error), { final: false })),
    });
    this.#address = addressOf(url, target);
    this.#upkeep = new Upkeep({
      address: this.#address,
      token,
      after: () => this.position,
      take: (frame) => {
        this.#sharing?.tell({ frame }); // first: if this tab dies now, the others have what it has
        this.#take(frame);
      },
      tell: (standing) => this.#tell(standing),
      signal: this.#abort.signal,
    });
    if (signal?.aborted) this.#abort.abort();
    signal?.addEventListener("abort", () => void this.close(), { signal: this.#abort.signal });
    this.#over = this.#run();
  }

  get state(): TidingsState {
    return this.standing.state;
  }

  notifications(): AsyncIterableIterator<TidingsNotification> {
    const loop = new Unread<TidingsNotification>(
      this.#options.unread ?? 1_000,
      () => this.#loops.delete(loop),
    );
    if (this.state === "closed") loop.end();
    else this.#loops.add(loop);
    return loop;
  }

  ack(...ids: string[]): void {
    if (this.#follows) this.#sharing?.tell({ ack: ids });
    else this.#outgoing.ack(ids);
  }

  send(data: unknown): boolean {
    if (!this.#follows) return this.#outgoing.message(data);
    this.#sharing?.tell({ message: data });
    return this.state === "open";
  }

  askToShow(): Promise<"granted" | "denied" | "default"> {
    return askToShow();
  }

  async close(): Promise<void> {
    if (this.standing.connection !== null) void this.#outgoing.flush();
    this.#abort.abort();
    await this.#over;
  }

  [Symbol.dispose](): void {
    void this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // whoever has called `connect` can listen first
    const end = await Promise.race([this.#stopped.promise, this.#connect()]);
    const isMeant = this.#abort.signal.aborted;
    const error = isMeant ? undefined : tidingsError(end.reason, { final: true, ...end });
    this.#abort.abort();
    this.#tell({ state: "closed", reason: end.reason });
    for (const loop of this.#loops) loop.end(error);
    if (error !== undefined) this.#fail(error);
    await this.#upkeep.gone();
  }

  /** Resolves with the end, and does nothing if it is closed already. */
  async #connect(): Promise<End> {
    const { signal } = this.#abort, { share } = this.#options;
    try {
      if (share) {
        const name = `tidings ${this.#address.url} ${await this.#upkeep.whose()}`;
        if (!signal.aborted) {
          this.#sharing = Sharing.among({
            name,
            signal,
            hear: (word) => this.#hear(word),
          });
        }
      }
      if (signal.aborted) return { reason: "closed" };
      return await (this.#sharing?.run(() => this.#upkeep.run()) ?? this.#upkeep.run());
    } catch (error) {
      return { reason: reasonOf(error) }; // it is aborted: the lock is not waited for any more
    }
  }

  get #follows(): boolean {
    return this.#sharing?.leads === false;
  }

  /** What another tab says. */
  #hear(word: Word): void {
    if ("frame" in word) this.#take(word.frame);
    else if ("end" in word) this.#stopped.resolve(word.end);
    else if (this.#follows) {
      if (!("standing" in word)) return;
      this.position = word.position ?? this.position;
      this.#tell(word.standing);
    } else if ("ack" in word) this.ack(...word.ack);
    else if ("message" in word) this.send(word.message);
    else if ("hello" in word) this.#pass();
  }

  /** Takes the messages of a frame in their order: what resumes after a position has all that was before. */
  #take(frame: string): void {
    const messages: Message[] = JSON.parse(frame, this.#options.reviver);
    for (const message of messages) {
      this.position = message.position ?? this.position;
      switch (message.type) {
        case "welcome":
          this.#welcome(message);
          break;
        case "notification":
          this.#give(message);
          break;
        case "missed":
          this.#miss("slow");
          break;
        case "error": {
          const { status, title, detail } = message.problem;
          this.#fail(tidingsError(`${status} ${title}: ${detail}`, { final: false, status }));
        }
      }
    }
  }

  #welcome({ target, connection, recovered }: Extract<Message, { type: "welcome" }>): void {
    if ((this.standing.target ?? target) !== target) {
      return this.#stopped.resolve({ reason: `the token is for ${target} now: connect anew`, status: 401 });
    }
    this.#tell({ state: "open", target, connection, reason: "", retryInMs: 0 });
    this.#outgoing.open();
    if (recovered === false) this.#miss("expired");
  }

  #give({ type: _, ...notification }: Extract<Message, { type: "notification" }>): void {
    const isNew = this.#seen.add(this.standing.target, notification.id);
    if (this.#options.ack !== "manual" && !this.#follows) this.ack(notification.id);
    if (!isNew) return;
    this.#dispatch("notification", notification);
    if (!this.#follows) this.#showNatively(notification);
    for (const loop of this.#loops) if (!loop.add(notification)) this.#miss("unread");
  }

  /** Chrome on Android has `Notification` and throws when it is made; and a page's own function may throw. */
  #showNatively(notification: TidingsNotification): void {
    try {
      this.#show(notification);
    } catch (error) {
      this.#fail(tidingsError(reasonOf(error), { final: false }));
    }
  }

  #miss(why: Missed["why"]): void {
    this.#dispatch("missed", { why });
  }

  #fail(error: TidingsError): void {
    this.#dispatch("error", error);
  }

  #tell(news: Partial<Standing>): void {
    const before = this.state;
    const isOver = news.state !== undefined && news.state !== "open";
    if (isOver) this.#outgoing.close();
    this.standing = {
      ...this.standing,
      ...(isOver && { connection: null, transport: null, retryInMs: 0 }),
      ...news,
    };
    if (this.state !== before) this.#dispatch("state", this.standing);
    if (!this.#follows) this.#pass();
  }

  /** Tells those that follow how it stands. */
  #pass(): void {
    this.#sharing?.tell({ standing: this.standing, position: this.position });
  }

  #dispatch<Type extends keyof TidingsEvents>(type: Type, detail: TidingsEvents[Type]["detail"]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
