/** The WebSocket of one publisher: publishes what its frames contain, and answers them in their order. */

import type { Transport, TransportListener } from "../../connection/transport.ts";
import { CLOSE, type Close } from "../../wire/close_codes.ts";
import { type Problem, unavailable } from "../../wire/problem.ts";
import { PUBLISH_WELCOME } from "../../wire/publish_socket.ts";

import { publish, type PublishDeps } from "../publish.ts";
import { type Exchange, Exchanges, type UnansweredBudget } from "./exchanges.ts";

/** What the sockets of a node share. */
export interface PublisherSocketDeps {
  readonly intake: PublishDeps;
  readonly budget: UnansweredBudget;
  /** Resolves when it is the turn of a large frame of this owner, because parsing one can take 50 ms. */
  readonly turnOfLarge: (owner: string) => Promise<void>;
  /** Resolves in the next turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
  /** Resolves when at most this many bytes are buffered. Rejects if the publisher does not read for too long. */
  readonly drained: (transport: Transport, maxBytes: number) => Promise<void>;
  /** True once the node has begun to stop. */
  readonly isDraining: () => boolean;
  /** Records what was thrown, and returns the problem that answers the frame of this owner. */
  readonly refuse: (error: unknown, owner: string) => Problem;
  readonly report: (error: unknown) => void;
}

/** Is called at the two ends of a socket. */
export interface PublisherSocketObserver {
  /** Nothing is accepted or answered any more. @param close null if the publisher has left by itself */
  onEnd(socket: PublisherSocket, close: Close | null): void;
  /** The socket is gone, and takes up nothing any more. Called once. */
  onGone(socket: PublisherSocket): void;
}

const WELCOME = JSON.stringify([PUBLISH_WELCOME]);
const HIGH_WATER_BYTES = 64 * 1024; // a socket that buffers more does not keep up
const LARGE_BYTES = 64 * 1024;

/**
 * Frames are published as they come, and all answers of a turn of the event loop go out in one frame. A Deno socket has
 * no backpressure for what arrives, so more than may be unanswered ends the connection. While a publisher does not read
 * its answers, nothing more of it is published, and what it has sent counts as unanswered.
 */
export class PublisherSocket implements TransportListener {
  readonly owner: string;
  readonly #deps: PublisherSocketDeps;
  readonly #observer: PublisherSocketObserver;
  readonly #exchanges: Exchanges;
  #transport: Transport | undefined;
  #isOpen = false;
  #isAwaitingTurn = false; // for a large frame, and what has arrived after it waits too
  #isAnswering = false;
  #latestAnswers = 0; // in the latest frame
  #isBlocked = false; // the publisher does not read its answers
  #isStopping = false;
  #hasEnded = false;
  #isGone = false;

  /** @param owner the name of the publisher's key */
  constructor(
    owner: string,
    { deps, observer }: { deps: PublisherSocketDeps; observer: PublisherSocketObserver },
  ) {
    this.owner = owner;
    this.#deps = deps;
    this.#observer = observer;
    this.#exchanges = new Exchanges(owner, deps.budget);
  }

  /** @param connect makes the transport, with this socket as its listener */
  connect(connect: (listener: TransportListener) => Transport): void {
    this.#transport = connect(this);
  }

  onOpen(): void {
    this.#isOpen = true;
    if (this.#hasEnded) this.#transport?.close(CLOSE.restart);
    else if (this.#deps.isDraining()) this.end(CLOSE.restart);
    else this.#transport?.send(WELCOME);
  }

  onFrame(frame: unknown): void {
    if (this.#isStopping || this.#hasEnded) return; // the publisher repeats what was not answered
    if (typeof frame !== "string") return this.end(CLOSE.protocolViolation);
    if (this.#exchanges.add(frame) === null) return this.end(CLOSE.tooMuchUnanswered);
    this.#startMore();
  }

  /** Answers what has arrived, and then closes. Does not wait for a publisher that does not read. */
  stop(): void {
    this.#isStopping = true;
    if (this.#exchanges.size === 0 || this.#isBlocked) this.end(CLOSE.restart);
  }

  end(close: Close): void {
    if (this.#isOpen && !this.#hasEnded) this.#transport?.close(close);
    this.#end(close);
  }

  onError(error: unknown): void {
    this.#deps.report(error);
    this.end(CLOSE.broken);
  }

  /** May be called twice: by an upgrade that fails, and by a transport. */
  onClose(): void {
    this.#end(null);
    if (!this.#isGone) this.#observer.onGone(this);
    this.#isGone = true;
  }

  #end(close: Close | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#exchanges.clear();
    this.#observer.onEnd(this, close);
  }

  #startMore(): void {
    while (!this.#isBlocked && !this.#isAwaitingTurn) {
      const exchange = this.#exchanges.start();
      if (exchange === undefined) return;
      if (exchange.bytes > LARGE_BYTES) void this.#publishInTurn(exchange);
      else void this.#publish(exchange);
    }
  }

  async #publishInTurn(exchange: Exchange): Promise<void> {
    this.#isAwaitingTurn = true;
    await this.#deps.turnOfLarge(this.owner);
    this.#isAwaitingTurn = false;
    if (this.#hasEnded) return;
    void this.#publish(exchange);
    this.#startMore();
  }

  async #publish(exchange: Exchange): Promise<void> {
    const { json } = exchange;
    exchange.json = null;
    exchange.answer = await this.#answerTo(json);
    if (!this.#isAnswering) await this.#answer();
  }

  /** A publisher that waits for each answer before it sends more has it at once. */
  async #answer(): Promise<void> {
    this.#isAnswering = true;
    if (this.#exchanges.size > 1 || this.#latestAnswers > 1) await this.#deps.nextTurn();
    this.#isAnswering = false;
    this.#sendAnswers();
  }

  /** Never rejects. @param json null if there was no room for the frame */
  async #answerTo(json: string | null): Promise<string> {
    try {
      if (json === null) throw unavailable("too much is being received; nothing was accepted");
      return JSON.stringify((await publish({ json, key: null }, this.#deps.intake)).answer);
    } catch (error) {
      return JSON.stringify(this.#deps.refuse(error, this.owner));
    }
  }

  #sendAnswers(): void {
    const transport = this.#transport;
    if (this.#isBlocked || this.#hasEnded || transport === undefined) return;
    const answers = this.#exchanges.takeAnswers();
    this.#latestAnswers = answers.length;
    if (answers.length > 0) transport.send(`[${answers.join(",")}]`);
    const isBehind = transport.buffered > HIGH_WATER_BYTES;
    if (this.#isStopping && (isBehind || this.#exchanges.size === 0)) return this.end(CLOSE.restart);
    if (isBehind) void this.#waitForReader(transport);
    else this.#startMore();
  }

  async #waitForReader(transport: Transport): Promise<void> {
    this.#isBlocked = true;
    try {
      await this.#deps.drained(transport, HIGH_WATER_BYTES);
    } catch {
      return this.end(CLOSE.stuck); // it has read nothing for too long
    }
    this.#isBlocked = false;
    this.#sendAnswers();
  }
}
