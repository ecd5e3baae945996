/** A raw HTTP client that sends lines in chunks of its choice, and reads the answers while it does. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The answer to a line: members of what was accepted, or of a problem. */
export interface LineAnswer {
  readonly id?: string;
  readonly status?: number;
  readonly type?: string;
  readonly detail?: string;
}

export class LineClient implements Disposable {
  readonly #connection: Deno.TcpConn;
  #received = ""; // after the head: the body in chunks
  #answers = "";
  #isComplete = false; // the last chunk has arrived

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Begins a request. Rejects with the head of the answer if that is not 200. */
  static async open(port: number, headers: Record<string, string> = {}): Promise<LineClient> {
    const client = new LineClient(await Deno.connect({ hostname: "127.0.0.1", port }));
    const all = {
      "host": `127.0.0.1:${port}`,
      "content-type": "application/x-ndjson",
      "transfer-encoding": "chunked",
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    await client.sendRaw(encoder.encode(`POST /v1/notify HTTP/1.1\r\n${lines.join("")}\r\n`));
    const head = await client.#readHead();
    if (head.startsWith("HTTP/1.1 200 ")) return client;
    client[Symbol.dispose]();
    throw new Error(head);
  }

  /** Sends a chunk of the body. */
  async send(body: string | Uint8Array): Promise<void> {
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    await this.sendRaw(encoder.encode(`${bytes.length.toString(16)}\r\n`));
    await this.sendRaw(bytes);
    await this.sendRaw(encoder.encode("\r\n"));
  }

  /** Sends bytes without the frame of a chunk. */
  async sendRaw(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
  }

  /** Ends the body. */
  finish(): Promise<void> {
    return this.sendRaw(encoder.encode("0\r\n\r\n"));
  }

  /** Resolves with the next answer; null at the end of a complete response. Rejects if it was cut. */
  async next(): Promise<LineAnswer | null> {
    for (;;) {
      const end = this.#answers.indexOf("\n");
      if (end >= 0) {
        const line = this.#answers.slice(0, end);
        this.#answers = this.#answers.slice(end + 1);
        return JSON.parse(line);
      }
      if (this.#isComplete) return null;
      if (!this.#takeChunk() && !await this.#fill()) throw new Error("the response was cut");
    }
  }

  /** Resolves with all answers to the end. */
  async rest(): Promise<LineAnswer[]> {
    const all: LineAnswer[] = [];
    for (let answer = await this.next(); answer !== null; answer = await this.next()) all.push(answer);
    return all;
  }

  [Symbol.dispose](): void {
    try {
      this.#connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // it is closed already
    }
  }

  async #readHead(): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      if (end >= 0) {
        const head = this.#received.slice(0, end);
        if (!head.startsWith("HTTP/1.1 200 ")) return this.#received;
        this.#received = this.#received.slice(end + 4);
        return head;
      }
      if (!await this.#fill()) return this.#received;
    }
  }

  /** Returns false if no chunk is complete. The answers are ASCII. */
  #takeChunk(): boolean {
    const end = this.#received.indexOf("\r\n");
    if (end < 0) return false;
    const from = end + 2, size = parseInt(this.#received.slice(0, end), 16);
    if (this.#received.length < from + size + 2) return false;
    this.#answers += this.#received.slice(from, from + size);
    this.#received = this.#received.slice(from + size + 2);
    this.#isComplete = size === 0;
    return true;
  }

  async #fill(): Promise<boolean> {
    const chunk = new Uint8Array(64 * 1024);
    const count = await this.#connection.read(chunk).catch(() => null);
    if (count === null) return false;
    this.#received += decoder.decode(chunk.subarray(0, count));
    return true;
  }
}
