/** A publisher that sends lines in one request that does not end, as `curl -T` sends a file. */

import { Answers } from "./answers.ts";
import { microseconds } from "./clock.ts";
import { JoiningWriter } from "./joining_writer.ts";
import type { Server } from "./plan.ts";
import type { PreparedRequest } from "./requests.ts";

const BUFFER_BYTES = 4 * 1_024 * 1_024; // far more than what is unanswered

/** A chunk that is not answered yet. */
interface Chunk {
  /** The number of lines without an answer. */
  left: number;
  isAccepted: boolean;
  readonly resolve: (accepted: boolean) => void;
}

export class LinePublisher implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #writer: JoiningWriter;
  readonly #waiting: Chunk[] = []; // the oldest first
  readonly #answers = new Answers((accepted) => this.#onAnswer(accepted));
  #isClosing = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#writer = new JoiningWriter(connection, BUFFER_BYTES);
  }

  static async open({ port, lines, secrets }: Server): Promise<LinePublisher> {
    if (lines === null) throw new Error("this server takes no lines");
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    const publisher = new LinePublisher(connection);
    const head = [
      `POST ${lines} HTTP/1.1`,
      `host: 127.0.0.1:${port}`,
      "content-type: application/x-ndjson",
      "transfer-encoding: chunked",
      ...(secrets === null ? [] : [`authorization: Bearer ${secrets.key}`]),
    ];
    publisher.#writer.add(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
    void publisher.#read();
    return publisher;
  }

  /** Sends the lines with the current time in them, and resolves with whether the server accepted all of them. */
  send(request: PreparedRequest): Promise<boolean> {
    request.stamp(microseconds());
    this.#writer.add(request.bytes);
    return new Promise((resolve) => this.#waiting.push({ left: request.count, isAccepted: true, resolve }));
  }

  [Symbol.dispose](): void {
    this.#isClosing = true;
    this.#connection.close();
  }

  #onAnswer(accepted: boolean): void {
    const [chunk] = this.#waiting;
    if (chunk === undefined) throw new Error("an answer to nothing");
    chunk.isAccepted &&= accepted;
    if (--chunk.left > 0) return;
    this.#waiting.shift();
    chunk.resolve(chunk.isAccepted);
  }

  /** The head and the framing of the response have no braces, and each of its chunks has whole lines. */
  async #read(): Promise<void> {
    const buffer = new Uint8Array(256 * 1_024);
    try {
      for (;;) {
        const count = await this.#connection.read(buffer);
        if (count === null) throw new Error("the server ended the stream of a publisher");
        this.#answers.take(buffer, 0, count);
      }
    } catch (error) {
      if (!this.#isClosing) throw error;
    }
  }
}
