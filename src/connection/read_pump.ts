/** The read pump: the only reader of a connection. It ends with the transport, or at a frame that is not allowed. */

import { Buffer } from "node:buffer";
import { CLOSE, type Close } from "../wire/close_codes.ts";
import { Problem, unavailable } from "../wire/problem.ts";
import {
  type BrowserMessage,
  MAX_MESSAGES,
  parseFrame,
  parseRefs,
  PING,
  type ServerMessage,
} from "../wire/protocol.ts";
import { type Rate, TokenBucket } from "../async/token_bucket.ts";

/** A message that a browser sent, and the connection that it came over. */
export interface ReceivedMessage {
  readonly connection: string;
  readonly target: string;
  readonly message: Exclude<BrowserMessage, { type: "ping" }>;
  /** Takes what answers the message. */
  readonly pump: AnswerSink;
}

export interface AnswerSink {
  sendMessage(message: ServerMessage): void;
}

export interface MessageInbox {
  /** Takes all of the messages, or returns false and takes none if there is no room. */
  take(received: readonly ReceivedMessage[]): boolean;
}

/** What a read pump needs of its session. */
export interface ReadPumpDeps {
  /** The id of the connection. */
  readonly id: string;
  readonly target: string;
  readonly inbox: MessageInbox;
  readonly pump: AnswerSink;
  /** Called with the problem of a frame of which nothing was taken. */
  onRefused(problem: Problem): void;
  /** Closes the connection. */
  end(close: Close): void;
}

const MAX_FRAME_BYTES = 64 * 1024; // Deno accepts frames of 64 MiB, and larger ones if they are fragmented
const PONG = { type: "pong" } as const;

const FRAMES: Rate = { burst: 50, interval: 100 };
/** All messages but acks and pings, of which a frame can contain many. Those cost little, and their frames are counted. */
const MESSAGES: Rate = { burst: MAX_MESSAGES, interval: 10 };

export class ReadPump {
  readonly #deps: ReadPumpDeps;
  readonly #frames: TokenBucket;
  readonly #messages: TokenBucket;

  /** @param now milliseconds on a monotonic clock */
  constructor(deps: ReadPumpDeps, now?: () => number) {
    this.#deps = deps;
    this.#frames = new TokenBucket(FRAMES, now);
    this.#messages = new TokenBucket(MESSAGES, now);
  }

  /** Takes a frame, which is a string if it was a text frame. Takes all of its messages, or refuses all of them. */
  take(frame: unknown): void {
    if (this.#frames.take() > 0) return this.#deps.end(CLOSE.tooManyFrames);
    if (typeof frame !== "string") return this.#deps.end(CLOSE.protocolViolation);
    if (frame === PING) return this.#deps.pump.sendMessage(PONG); // most frames of an idle browser: not worth a parser
    if (Buffer.byteLength(frame) > MAX_FRAME_BYTES) return this.#deps.end(CLOSE.tooBig);
    let messages: readonly BrowserMessage[] | undefined;
    try {
      messages = parseFrame(frame);
      this.#deliver(messages);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#refuse(messages ?? parseRefs(frame), problem);
    }
  }

  /** Answers each message that has a ref, and all others of the frame together. */
  #refuse(messages: readonly (BrowserMessage | { readonly ref?: string })[], problem: Problem): void {
    const { pump } = this.#deps;
    const refs = messages.flatMap((message) => "ref" in message ? message.ref ?? [] : []);
    for (const ref of refs) pump.sendMessage({ type: "error", problem, ref });
    if (refs.length === 0 || refs.length < messages.length) pump.sendMessage({ type: "error", problem });
    this.#deps.onRefused(problem);
  }

  /**
   * Takes messages that the browser posted in a request of their own. They count as one frame.
   *
   * @throws {Problem} `too-many-requests`, or `unavailable`
   */
  takePosted(messages: readonly BrowserMessage[]): void {
    const waitMs = this.#frames.take();
    if (waitMs > 0) throw tooMany("a connection may send 50 times at once, then 10 times a second", waitMs);
    this.#deliver(messages);
  }

  /** Answers a ping only after the messages are taken, because a pong says that they are. */
  #deliver(messages: readonly BrowserMessage[]): void {
    const { id: connection, target, inbox, pump } = this.#deps;
    const waitMs = this.#messages.take(
      messages.filter(({ type }) => type !== "ack" && type !== "ping").length,
    );
    if (waitMs > 0) {
      throw tooMany(
        `a connection may send ${MAX_MESSAGES} messages and marks at once, then 100 a second`,
        waitMs,
      );
    }
    const received: ReceivedMessage[] = [];
    for (const message of messages) {
      if (message.type !== "ping") received.push({ connection, target, message, pump });
    }
    if (!inbox.take(received)) throw unavailable("too much is being received: send it again");
    if (received.length < messages.length) pump.sendMessage(PONG);
  }
}

function tooMany(detail: string, waitMs: number): Problem {
  return new Problem("too-many-requests", detail, {
    headers: { "retry-after": String(Math.ceil(waitMs / 1000)) },
  });
}
