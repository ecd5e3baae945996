/** A tab: a WebSocket whose messages a test takes one by one. */

import { assertEquals } from "@std/assert";
import { ReceivingChannel } from "../receiving_channel.ts";

/** A message from the server, with the fields of all types. */
export interface Message {
  readonly type: "welcome" | "notification" | "read" | "missed" | "marked" | "error";
  readonly connection: string;
  readonly target: string;
  readonly position: string;
  readonly recovered: boolean | null;
  readonly id: string;
  readonly data: unknown;
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly through: string | null;
  readonly read: readonly string[];
  readonly unread: readonly string[];
  readonly ref: string;
  readonly problem: { readonly type: string; readonly status: number; readonly detail: string };
}

export class Tab implements AsyncDisposable {
  /** Resolves when the socket is closed, by either side. */
  readonly closed: Promise<CloseEvent>;
  readonly #socket: WebSocket;
  readonly #messages = new ReceivingChannel<Message>(1_000_000);

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) =>
      JSON.parse(data).forEach((message: Message) => this.#messages.trySend(message));
    const { promise, resolve } = Promise.withResolvers<CloseEvent>();
    this.closed = promise;
    socket.onclose = (event) => {
      this.#messages.close();
      resolve(event);
    };
  }

  /** Connects to `/v1/connect`, and takes the welcome. */
  static async open(
    port: number,
    query: Record<string, string>,
    protocols: string[] = ["tidings.v1"],
  ): Promise<{ tab: Tab; welcome: Message }> {
    const tab = new Tab(
      new WebSocket(`ws://127.0.0.1:${port}/v1/connect?${new URLSearchParams(query)}`, protocols),
    );
    const welcome = await tab.next();
    assertEquals(welcome.type, "welcome");
    return { tab, welcome };
  }

  /** Resolves with the next message. Rejects when the socket is closed and no message is left. */
  next(): Promise<Message> {
    return this.#messages.receive();
  }

  /** Resolves with the data of the next `count` notifications. */
  async data(count: number): Promise<unknown[]> {
    const all: unknown[] = [];
    while (all.length < count) {
      const message = await this.next();
      assertEquals(message.type, "notification", JSON.stringify(message));
      all.push(message.data);
    }
    return all;
  }

  /** The messages that have arrived and that the test has not taken. */
  get pending(): readonly Message[] {
    return this.#messages.peek();
  }

  send(frame: string | ArrayBuffer): void {
    this.#socket.send(frame);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
