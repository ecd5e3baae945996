/** A tab, as its page has it: takes what comes, once each, and gives it to listeners and loops. */

import { type Address, addressOf } from "./address.ts";
import { Listeners } from "./listeners.ts";
import { browser } from "./browser.ts";
import { type End, reasonOf } from "./end.ts";
import { tidingsError } from "./error.ts";
import type { NotificationMessage, SdkMessage, WelcomeMessage } from "./message.ts";
import { askToShow, showing } from "./native.ts";
import { SendQueue } from "./send_queue.ts";
import { SeenIds } from "./seen.ts";
import { sentMessage } from "./sent_message.ts";
import { TabElection, type TabMessage } from "./tab_election.ts";
import { AT_FIRST, statusWith } from "./status.ts";
import type {
  ConnectionStatus,
  ConnectOptions,
  Tidings,
  TidingsNotification,
  TidingsState,
} from "./tidings.ts";
import { Reconnector } from "./reconnector.ts";

export class Client extends EventTarget implements Tidings {
  status: ConnectionStatus = AT_FIRST;
  position: string | null;
  readonly #options: ConnectOptions;
  readonly #seen = new SeenIds();
  readonly #audience: Listeners;
  readonly #abort = new AbortController();
  readonly #outgoing: SendQueue;
  readonly #show: (notification: TidingsNotification) => void;
  readonly #address: Address;
  readonly #upkeep: Reconnector;
  readonly #stopped = Promise.withResolvers<End>();
  readonly #over: Promise<void>;
  #sharing: TabElection | null = null;

  constructor(url: string | URL, options: ConnectOptions) {
    super();
    const { target, token, after = null, signal } = options;
    this.#options = options;
    this.position = after;
    this.#audience = new Listeners(this, options.unread ?? 1_000);
    const failed = (error: unknown) => this.#audience.warn(reasonOf(error));
    this.#show = showing(options.showNotification, failed);
    this.#outgoing = new SendQueue({
      send: (messages) => this.#upkeep.send(messages, this.status.connection ?? ""),
      failed,
    });
    this.#address = addressOf(url, target);
    this.#upkeep = new Reconnector({
      address: this.#address,
      token,
      after: () => this.position,
      take: (frame) => {
        this.#sharing?.tell({ frame }); // first: if this tab dies now, the others have what it has
        this.#take(frame);
      },
      tell: (status) => this.#tell(status),
      signal: this.#abort.signal,
    });
    if (signal?.aborted) this.#abort.abort();
    signal?.addEventListener("abort", () => void this.close(), { signal: this.#abort.signal });
    this.#over = this.#run();
  }

  get state(): TidingsState {
    return this.status.state;
  }

  notifications(): AsyncIterableIterator<TidingsNotification> {
    return this.#audience.loop();
  }

  ack(...ids: string[]): void {
    if (this.#follows) this.#sharing?.tell({ ack: ids });
    else this.#outgoing.ack(ids);
  }

  send(data: unknown): boolean {
    const message = sentMessage(data);
    if (message === null) this.#audience.warn("messages are JSON: 60 KB, 100 levels at most");
    else if (!this.#follows) return this.#outgoing.message(message);
    else this.#sharing?.tell({ message });
    return message !== null && this.state === "open";
  }

  askToShow(): Promise<"granted" | "denied" | "default"> {
    return askToShow();
  }

  async close(): Promise<void> {
    if (this.status.connection !== null) void this.#outgoing.flush();
    this.#abort.abort();
    this.#stopped.resolve({ reason: "closed" }); // whatever is waited for: a token may never come
    await this.#over;
  }

  [Symbol.dispose](): void {
    void this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // whoever has called `connect` can listen first
    const end = await Promise.race([this.#stopped.promise, this.#connect()]);
    const isMeant = this.#abort.signal.aborted;
    const error = isMeant ? undefined : tidingsError(end.reason, { final: true, ...end });
    this.#abort.abort();
    this.#tell({ state: "closed", reason: end.reason });
    this.#audience.end(error);
    await this.#upkeep.gone();
  }

  /** Resolves with the end, and does nothing if it is closed already. */
  async #connect(): Promise<End> {
    const { signal } = this.#abort, { share } = this.#options;
    try {
      const whose = share && await this.#upkeep.whose();
      if (signal.aborted) return { reason: "closed" };
      const locks = browser.navigator?.locks; // pages that came over HTTP, but from this machine, have none
      if (share && locks) {
        const name = `tidings ${this.#address.url} ${whose}`;
        this.#sharing = new TabElection({ name, signal, hear: (word) => this.#hear(word) }, locks);
      }
      return await (this.#sharing?.run(() => this.#upkeep.run()) ?? this.#upkeep.run());
    } catch (error) {
      return { reason: reasonOf(error) }; // it is aborted: the lock is not waited for any more
    }
  }

  get #follows(): boolean {
    return this.#sharing?.leads === false;
  }

  /** What another tab says. */
  #hear(word: TabMessage): void {
    if ("frame" in word) this.#take(word.frame);
    else if ("end" in word) this.#stopped.resolve(word.end);
    else if (this.#follows) {
      if (!("status" in word)) return;
      this.position = word.position ?? this.position;
      this.#tell(word.status);
    } else if ("ack" in word) this.#outgoing.ack(word.ack);
    else if ("message" in word) this.#outgoing.message(word.message);
    else if ("hello" in word) this.#pass();
  }

  /** Takes the messages of a frame in their order: what resumes after a position has all that was before. */
  #take(frame: string): void {
    const messages: SdkMessage[] = JSON.parse(frame, this.#options.reviver);
    for (const message of messages) {
      if (this.#abort.signal.aborted) return; // a listener has closed it
      this.position = message.position ?? this.position;
      this.#takeMessage(message);
    }
  }

  #takeMessage(message: SdkMessage): void {
    switch (message.type) {
      case "welcome":
        return this.#welcome(message);
      case "notification":
        return this.#give(message);
      case "missed":
        return this.#audience.miss("slow");
      case "error": {
        const { status, title, detail } = message.problem;
        this.#audience.warn(`${status} ${title}: ${detail}`, status);
      }
    }
  }

  #welcome({ target, connection, recovered }: WelcomeMessage): void {
    if ((this.status.target ?? target) !== target) {
      return this.#stopped.resolve({ reason: `the token is for ${target} now: connect anew`, status: 401 });
    }
    this.#tell({ state: "open", target, connection, reason: "" });
    this.#outgoing.open();
    if (recovered === false) this.#audience.miss("expired");
  }

  #give({ type: _, ...notification }: NotificationMessage): void {
    const isNew = this.#seen.add(this.status.target, notification.id);
    if (this.#options.ack !== "manual" && !this.#follows) this.ack(notification.id);
    if (!isNew) return;
    this.#audience.give(notification);
    if (!this.#follows) this.#show(notification);
  }

  #tell(news: Partial<ConnectionStatus>): void {
    const before = this.state;
    this.status = statusWith(this.status, news);
    if (this.state !== "open") this.#outgoing.close();
    if (this.state !== before) this.#audience.tell("state", this.status);
    if (!this.#follows) this.#pass();
  }

  /** Tells those that follow how it stands. */
  #pass(): void {
    this.#sharing?.tell({ status: this.status, position: this.position });
  }
}
