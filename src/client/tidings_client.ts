/** The connection as a page uses it: takes frames from the server or the leading tab, and delivers each once. */

// The imports are in the order of the bundle in which gzip finds most repetitions: 30 bytes fewer.
import { mergeStatus } from "./status.ts";
import { parseAddress } from "./address.ts";
import { browser } from "./browser.ts";
import { createTidingsError } from "./tidings_error.ts";
import { encodeMessage } from "./encode_message.ts";
import { RESEND_MS } from "./limits.ts";
import { Reconnector, SIGNED_OUT } from "./reconnector.ts";
import { SendQueue } from "./send_queue.ts";
import { type ConnectionEnd, messageOf } from "./connection_end.ts";
import type { FrameMessage } from "./frame_message.ts";
import type { TabElection, TabHandlers } from "./tab_election.ts";
import { SeenIds } from "./seen_ids.ts";
import type {
  ConnectionStatus,
  ConnectOptions,
  MarkAnswer,
  MarkMessage,
  Tidings,
  TidingsRequest,
} from "./tidings.ts";
import { Receiver } from "./receiver.ts";

export class TidingsClient extends Receiver implements Tidings {
  readonly #seenIds = new SeenIds();
  readonly #abort = new AbortController();
  readonly #sendQueue: SendQueue;
  readonly #reconnector: Reconnector;
  #end = (_: ConnectionEnd) => {};
  readonly #ended = new Promise<ConnectionEnd>((resolve) => this.#end = resolve);
  readonly #closed: Promise<void>;
  #election: TabElection | null = null;

  constructor(url: string | URL, options: ConnectOptions) {
    const { target, token, signal } = options;
    const address = parseAddress(url, target);
    super(address, options);
    const onError = (error: unknown) => this.onError(messageOf(error));
    this.#sendQueue = new SendQueue({
      active: () => this.#reconnector.active,
      onError,
    });
    this.#reconnector = new Reconnector({
      address,
      token,
      after: () => this.position,
      connectionId: () => this.status.connection ?? "",
      onFrame: (frame) => {
        this.checkTarget(frame);
        this.#election?.send({ frame }); // first: if this tab dies now, the others have all that it has
        this.#onFrame(frame);
      },
      onLost: (ack) => this.#sendQueue.send(ack),
      onStatus: (change) => this.#setStatus(change),
      onReturn: () => {
        this.onProgress(); // the page may be on its way out
        this.#election?.send({ hello: true }); // another tab may have the connection
        this.#reconnector.check();
      },
      onLeave: () => this.#leave(), // a click that marks as read may lead to another page
      onError,
      signal: this.#abort.signal,
    });
    if (signal?.aborted) this.#abort.abort();
    signal?.addEventListener("abort", () => void this.close(), { signal: this.#abort.signal });
    this.#closed = this.#run();
  }

  ack(...ids: string[]): void {
    if (this.#isFollower) this.#election?.send({ ack: ids });
    else this.#sendQueue.ack(ids);
  }

  send(data: unknown): boolean {
    const message = encodeMessage(data);
    if (message) return this.#enqueue(message);
    this.onError("messages are JSON: 60 KB, 100 levels");
    return false;
  }

  mark(message: MarkMessage): boolean {
    return this.#enqueue(JSON.stringify(message));
  }

  #enqueue(message: string): boolean {
    if (!this.#isFollower) return this.#sendQueue.send(message);
    this.#election?.send({ message });
    return this.state === "open";
  }

  async request(route: string, options: TidingsRequest = {}): Promise<unknown> {
    return JSON.parse(await this.#reconnector.request(route, options) || "null", this.ownOptions.reviver);
  }

  async close(): Promise<void> {
    this.#leave();
    this.#abort.abort();
    this.#end({ reason: "closed" }); // without waiting for a token that may never come
    await this.#closed;
  }

  [Symbol.dispose](): void {
    void this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Sends what waits, here and in an inbox, which may keep changes back until it has an answer. */
  #leave(): void {
    if (!this.status.connection) return;
    this.dispatch("leave", null);
    void this.#sendQueue.flush();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // the caller of `connect` adds its listeners first
    const end = await Promise.race([this.#ended, this.#connect()]);
    const isWanted = this.#abort.signal.aborted;
    const error = isWanted ? undefined : createTidingsError(end.reason, { final: true, ...end });
    this.#abort.abort();
    this.#setStatus({ state: "closed", reason: end.reason });
    this.onEnd(error);
    await this.#reconnector.active?.closed;
  }

  /** Resolves when the connection is closed for good. Never connects if it is closed before. */
  async #connect(): Promise<ConnectionEnd> {
    const { signal } = this.#abort, { share } = this.ownOptions;
    try {
      const election = share && await this.#loadElection();
      const name = election && await this.#reconnector.sharedName(election.subjectOf);
      if (signal.aborted) return { reason: "closed" };
      if (name === null) return SIGNED_OUT;
      const locks = browser.navigator?.locks; // pages over plain HTTP have none, except on localhost
      if (name && locks) {
        this.#election = new election.TabElection({ name, signal, receive: this.#tabHandlers() }, locks);
      }
      return await (this.#election?.run(() => this.#reconnector.run()) ?? this.#reconnector.run());
    } catch (error) {
      return { reason: messageOf(error) }; // the signal has aborted the wait for the lock
    }
  }

  /** Most pages do not share, so the module is loaded on demand. A page that cannot load it connects by itself. */
  #loadElection(): Promise<typeof import("./tab_election.ts") | void> {
    return import("./tab_election.ts").catch((error) => this.onError(messageOf(error)));
  }

  get #isFollower(): boolean {
    return this.#election?.leads === false;
  }

  /** What this tab does with what other tabs send. */
  #tabHandlers(): TabHandlers {
    return {
      frame: (frame) => this.#onFrame(frame),
      end: this.#end,
      status: (status, position) => {
        if (status.target) this.position = position; // before the welcome, it is the other tab's `after`
        this.#setStatus(status);
      },
      ack: (ids) => this.#sendQueue.ack(ids),
      message: (message) => this.#sendQueue.send(message),
      hello: () => {
        this.#shareStatus();
        this.#reconnector.check();
      },
    };
  }

  /** Handles the messages in order, so that the page has received everything up to `position`. */
  #onFrame(frame: string): void {
    const messages: FrameMessage[] = JSON.parse(frame, this.ownOptions.reviver);
    for (const message of messages) {
      if (this.#abort.signal.aborted) break; // a listener has closed the connection
      const { position } = message;
      if (typeof (position ?? "") !== "string") throw new Error("wrong position");
      if (position) this.position = position;
      this.#onMessage(message);
    }
    this.onProgress();
  }

  #onMessage(message: FrameMessage): void {
    switch (message.type) {
      case "welcome": {
        const { target, connection, recovered } = message;
        if ((this.status.target ?? target) !== target) {
          return this.#end({ reason: `the token is for ${target} now: connect anew`, status: 401 });
        }
        this.#sendQueue.open(); // first: a listener may send
        this.#setStatus({ state: "open", target, connection, reason: "" });
        this.onProgress(recovered === false);
        if (recovered === false) this.onMissed("expired");
        break;
      }
      case "notification": {
        const { type: _, ...notification } = message;
        const isNew = this.#seenIds.add(notification);
        if (this.ownOptions.ack !== "manual" && !this.#isFollower) this.ack(notification.id);
        if (!isNew) return;
        this.deliver(notification);
        if (!this.#isFollower) this.onNative(notification);
        break;
      }
      case "missed":
        return this.onMissed("slow");
      case "pong":
        return this.#reconnector.active?.onAnswer?.(0);
      case "error": {
        if (message.ref) return this.dispatch("marked", message as MarkAnswer);
        const { status, title, detail } = message.problem;
        const waitMs = status === 503 ? RESEND_MS : 0; // what the server has no room for now is sent again
        this.#reconnector.active?.onAnswer?.(waitMs);
        if (!waitMs) this.onError(`${status} ${title}: ${detail}`, status);
        break;
      }
      case "read":
      case "marked":
        this.dispatch(message.type, message); // other types are those of a newer server, and no events
    }
  }

  #setStatus(change: Partial<ConnectionStatus>): void {
    const before = this.state;
    this.status = mergeStatus(this.status, change);
    if (this.state !== "open") this.#sendQueue.close();
    if (this.state !== before) this.dispatch("state", this.status);
    if (!this.#isFollower) this.#shareStatus();
  }

  /** Sends the status to the tabs that follow. */
  #shareStatus(): void {
    this.#election?.send({ status: this.status, position: this.position });
  }
}
