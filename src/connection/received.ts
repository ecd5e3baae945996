/** A session: what a connected browser may do with the messages it sends. */

import { unavailable } from "../wire/problem.ts";
import { BrowserMessage, BrowserMessages, parseAs, parseJson } from "../wire/protocol.ts";

/** A message that a browser sent, and over which connection. */
export interface ReceivedMessage {
  readonly connection: string;
  readonly target: string;
  readonly message: BrowserMessage;
}

/** Takes all of what was received, or none. */
export interface MessageInbox {
  take(received: readonly ReceivedMessage[]): boolean;
}

export class MessageReader {
  readonly #from: { readonly id: string; readonly target: string };
  readonly #inbox: MessageInbox;

  constructor(from: { readonly id: string; readonly target: string }, inbox: MessageInbox) {
    this.#from = from;
    this.#inbox = inbox;
  }

  /**
   * Hands on the message or messages of a frame: all of them or, if one is bad, none.
   *
   * @throws {Problem} `not-json`, `does-not-fit`, or `unavailable` if nobody keeps up with what is received
   */
  take(frame: string): void {
    const body = parseJson(frame);
    this.takeAll(Array.isArray(body) ? parseAs(BrowserMessages, body) : [parseAs(BrowserMessage, body)]);
  }

  /**
   * The same with messages that were read already.
   *
   * @throws {Problem} `unavailable`
   */
  takeAll(messages: readonly BrowserMessage[]): void {
    const { id: connection, target } = this.#from;
    if (this.#inbox.take(messages.map((message) => ({ connection, target, message })))) return;
    throw unavailable("too much is being received: send it again");
  }
}
