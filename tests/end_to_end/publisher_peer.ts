/** A publisher over a WebSocket whose answers a test takes one by one. */

import { assertEquals } from "@std/assert";
import { ReceivingChannel } from "../receiving_channel.ts";

/** An answer: of one notification, of several, or a problem. */
export interface Answer {
  readonly id?: string;
  readonly position?: string | null;
  readonly expires?: string;
  readonly notifications?: readonly { readonly id: string; readonly target: string | null }[];
  readonly type?: string;
  readonly status?: number;
  readonly errors?: readonly { readonly path: string }[];
}

export class PublisherPeer implements AsyncDisposable {
  /** Resolves when the socket is closed, by either side. */
  readonly closed: Promise<CloseEvent>;
  /** How many answers each frame had. */
  readonly frames: number[] = [];
  readonly #socket: WebSocket;
  readonly #answers = new ReceivingChannel<Answer>(1_000_000);

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const answers: Answer[] = JSON.parse(data);
      this.frames.push(answers.length);
      for (const answer of answers) this.#answers.trySend(answer);
    };
    const { promise, resolve } = Promise.withResolvers<CloseEvent>();
    this.closed = promise;
    socket.onclose = (event) => {
      this.#answers.close();
      resolve(event);
    };
  }

  /** Connects to `/v1/publish`, and takes the welcome. */
  static async open(port: number, protocols = ["tidings.publish.v1"]): Promise<PublisherPeer> {
    const peer = new PublisherPeer(new WebSocket(`ws://127.0.0.1:${port}/v1/publish`, protocols));
    assertEquals((await peer.next()).type, "welcome");
    return peer;
  }

  /** Sends a text as it is, bytes, or anything else as JSON. */
  send(frame: unknown): void {
    const isRaw = typeof frame === "string" || frame instanceof Uint8Array;
    this.#socket.send(isRaw ? frame as string : JSON.stringify(frame));
  }

  /** Resolves with the next answer. Rejects when the socket is closed and no answer is left. */
  next(): Promise<Answer> {
    return this.#answers.receive();
  }

  async take(count: number): Promise<Answer[]> {
    const answers: Answer[] = [];
    while (answers.length < count) answers.push(await this.next());
    return answers;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
