/** A publisher over a WebSocket, with any number of notifications unanswered. */

import { Answers } from "./answers.ts";
import { microseconds } from "./clock.ts";
import { FrameReader, type FrameSink } from "./frames.ts";
import { JoiningWriter } from "./joining_writer.ts";
import type { Server } from "./plan.ts";
import type { PreparedRequest } from "./requests.ts";
import { upgrade } from "./upgrade.ts";

const BUFFER_BYTES = 256 * 1_024; // far more than what is unanswered
const PONG = Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0);

export class SocketPublisher implements Disposable, FrameSink {
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #waiting: ((accepted: boolean) => void)[] = []; // the oldest first
  readonly #answers = new Answers((accepted) => this.#waiting.shift()?.(accepted));
  readonly #frames = new FrameReader(this);
  readonly #writer: JoiningWriter;
  #isWelcome = false;
  #isClosing = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#writer = new JoiningWriter(connection, BUFFER_BYTES);
  }

  static async open(server: Server): Promise<SocketPublisher> {
    const { port, publish, secrets } = server;
    if (publish === null) throw new Error("this server has no sockets for publishers");
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    const publisher = new SocketPublisher(connection);
    const request = { port, path: publish, credential: secrets?.key ?? null };
    const { start, end } = await upgrade(connection, { request, buffer: publisher.#buffer });
    publisher.#frames.take(publisher.#buffer, start, end);
    void publisher.#read();
    return publisher;
  }

  /** Sends the frame with the current time in it, and resolves with whether the server accepted it. */
  send(request: PreparedRequest): Promise<boolean> {
    request.stamp(microseconds());
    this.#writer.add(request.bytes);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  onPayload(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isWelcome) this.#answers.take(bytes, start, end);
  }

  onEnd(): void {
    this.#isWelcome = true; // the first frame was the welcome
  }

  onPing(): void {
    void this.#connection.write(PONG);
  }

  onClose(): void {
    throw new Error("the server closed the socket of a publisher");
  }

  [Symbol.dispose](): void {
    this.#isClosing = true;
    this.#connection.close();
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const count = await this.#connection.read(this.#buffer);
        if (count === null) throw new Error("the server closed a publisher's connection");
        this.#frames.take(this.#buffer, 0, count);
      }
    } catch (error) {
      if (!this.#isClosing) throw error;
    }
  }
}
