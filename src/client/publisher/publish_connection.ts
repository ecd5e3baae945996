/** One WebSocket of a publisher: sends what the queue has, and settles the calls that are answered. */

import { type ConnectionEnd, messageOf } from "../connection_end.ts";
import { MAX_RETRY_AFTER_MS, RESEND_MS, WELCOME_MS } from "../limits.ts";
import { errorOf, type ServerProblem } from "./publish_error.ts";
import type { PublishCall } from "./publish_call.ts";
import type { PublishQueue, UnansweredLimits } from "./publish_queue.ts";

export interface PublishConnectionDeps {
  readonly queue: PublishQueue;
  readonly url: string;
  readonly protocols: string[];
  readonly WebSocket: typeof WebSocket;
  /** Called when the server has no room for a call, which is sent again later. */
  readonly onRefused: (reason: string, ms: number) => void;
}

/** A connection without an answer for this long is given up. */
const SILENCE_MS = 30_000;
const CLOSING_MS = 1_000;
/** Each answer has one of them. Anything else says nothing about a call, which must not be taken for accepted. */
const ANSWER_MEMBERS = ["id", "notifications", "status"];

export class PublishConnection {
  readonly ended: Promise<ConnectionEnd>;
  /** Resolves when the socket is gone, or a second after it was closed: a peer may never answer. */
  readonly closed: Promise<void>;
  /** True once the welcome has come. */
  hasOpened = false;
  readonly #deps: PublishConnectionDeps;
  readonly #socket: WebSocket;
  #limits: UnansweredLimits = { notifications: 0, bytes: 0 };
  #end = (_: ConnectionEnd) => {};
  #onClosed = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #arrivedAt = 0;
  #hasEnded = false;

  /** Throws what `WebSocket` throws, if a policy of the page or the characters of the key do not allow it. */
  constructor(deps: PublishConnectionDeps) {
    this.#deps = deps;
    const socket = this.#socket = new deps.WebSocket(deps.url, deps.protocols);
    this.ended = new Promise((resolve) => this.#end = resolve);
    this.#timer = setTimeout(() => this.close("no welcome"), WELCOME_MS);
    socket.onmessage = ({ data }) => {
      try {
        this.#onFrame(JSON.parse(data));
      } catch (error) {
        this.close(messageOf(error));
      }
    };
    this.closed = new Promise((resolve) => this.#onClosed = resolve);
    socket.onclose = socket.onerror = ({ code = 1006, reason }: CloseEventInit = {}) => {
      this.close(`${code}: ${reason || "no reason"}`, code);
      clearTimeout(this.#timer);
      this.#onClosed();
    };
  }

  /** Sends what waits, as far as the limits allow. */
  send(): void {
    if (!this.hasOpened || this.#hasEnded || this.#pause) return;
    const wasIdle = !this.#deps.queue.awaitsAnswer;
    for (let call = this.#next(); call; call = this.#next()) this.#socket.send(call.text);
    if (wasIdle && this.#deps.queue.awaitsAnswer) this.#watch();
  }

  /** Ends at once: a peer that is out of reach answers a close frame after a minute, or never. */
  close(reason = "closed", code?: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#pause);
    this.#timer = setTimeout(this.#onClosed, CLOSING_MS);
    this.#socket.onmessage = null;
    this.#socket.close();
    this.#end({ reason, code });
  }

  #next(): PublishCall | undefined {
    return this.#deps.queue.take(this.#limits);
  }

  /** Gives the connection up if there is no answer. One timer runs while something is unanswered. */
  #watch(): void {
    this.#arrivedAt = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), SILENCE_MS);
  }

  #check(): void {
    const silentMs = Date.now() - this.#arrivedAt;
    if (!this.#deps.queue.awaitsAnswer) return;
    if (silentMs >= SILENCE_MS) return this.close("no answer");
    this.#timer = setTimeout(() => this.#check(), SILENCE_MS - silentMs);
  }

  #onFrame(messages: readonly unknown[]): void {
    this.#arrivedAt = Date.now();
    if (!this.hasOpened) {
      const [welcome] = messages as readonly [{ readonly limits: UnansweredLimits }];
      const { notifications, bytes } = welcome.limits; // throws if it is no welcome
      this.#limits = { notifications, bytes };
      this.hasOpened = true;
      clearTimeout(this.#timer);
    } else {
      for (const answer of messages) this.#settle(answer as ServerProblem);
    }
    this.send();
  }

  /** What the server has no room for now, or is beyond a limit, is repeated, before everything that came later. */
  #settle(answer: Partial<ServerProblem>): void {
    const { queue } = this.#deps;
    const isAnswer = ANSWER_MEMBERS.some((name) => Object(answer)[name] !== undefined);
    const call = isAnswer && queue.answered();
    if (!call) throw new Error(isAnswer ? "an answer to nothing" : "not an answer");
    if (!answer.status) call.resolve(answer);
    else if (answer.status === 503 || answer.status === 429) {
      queue.repeat(call);
      this.#wait(answer);
    } else call.reject(errorOf(answer as ServerProblem));
  }

  #wait({ status, detail, retry_after: seconds = 0 }: Partial<ServerProblem>): void {
    if (this.#pause) return;
    const ms = Math.min(1000 * seconds, MAX_RETRY_AFTER_MS) + RESEND_MS * (0.5 + Math.random());
    this.#deps.onRefused(`${status}: ${detail}`, ms);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.send();
    }, ms);
  }
}
