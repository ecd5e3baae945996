/** A raw WebSocket client that can stop reading, not close, and break the protocol. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

export class RawSocket implements Disposable {
  readonly #connection: Deno.TcpConn;
  #buffer = new Uint8Array(0);

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /**
   * Connects and upgrades. `headers` override the usual ones; null removes one. Rejects with the status line
   * if refused.
   */
  static async connect(
    port: number,
    path: string,
    headers: Record<string, string | null> = {},
  ): Promise<RawSocket> {
    const socket = new RawSocket(await Deno.connect({ port }));
    const lines = Object.entries({
      host: `127.0.0.1:${port}`,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": btoa("a key of 16 byte"),
      ...headers,
    });
    const head = lines.map(([name, value]) => value === null ? "" : `${name}: ${value}\r\n`).join("");
    await socket.#write(encoder.encode(`GET ${path} HTTP/1.1\r\n${head}\r\n`));
    const status = await socket.#readHead();
    if (status.startsWith("HTTP/1.1 101")) return socket;
    socket[Symbol.dispose]();
    throw new Error(status);
  }

  /** Sends one frame. It is masked, as RFC 6455 requires of clients. */
  async send(
    opcode: number,
    payload: string | Uint8Array,
    { fin = true }: { fin?: boolean } = {},
  ): Promise<void> {
    const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
    const length = bytes.length < 126
      ? [bytes.length]
      : bytes.length < 65_536
      ? [126, bytes.length >> 8, bytes.length & 255]
      : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (bytes.length >> shift) & 255)];
    // The mask is all zeros.
    const header = [(fin ? 128 : 0) | opcode, 128 | (length[0] ?? 0), ...length.slice(1), 0, 0, 0, 0];
    const frame = new Uint8Array(header.length + bytes.length);
    frame.set(header);
    frame.set(bytes, header.length);
    await this.#write(frame);
  }

  /** Resolves with the next frame; null when the server has closed the connection. */
  async receive(): Promise<ServerFrame | null> {
    const head = await this.#take(2);
    if (head === null) return null;
    const [first = 0, second = 0] = head;
    const extra = second === 127 ? 8 : second === 126 ? 2 : 0;
    const length = (await this.#take(extra))?.reduce((sum, byte) => sum * 256 + byte, 0);
    const payload = await this.#take(extra === 0 ? second : length ?? 0);
    return payload === null ? null : { opcode: first & 15, payload };
  }

  /** Resolves with the messages of the next text frame; null at the end. */
  async messages(): Promise<Record<string, unknown>[] | null> {
    for (let frame = await this.receive(); frame !== null; frame = await this.receive()) {
      if (frame.opcode === OPCODE.text) return JSON.parse(decoder.decode(frame.payload));
      if (frame.opcode === OPCODE.close) return null;
    }
    return null;
  }

  /** Reads to the end, and resolves with the close code; null if the connection ended without one. */
  async closeCode(): Promise<number | null> {
    for (let frame = await this.receive(); frame !== null; frame = await this.receive()) {
      const [high = 0, low = 0] = frame.payload;
      if (frame.opcode === OPCODE.close) return high * 256 + low;
    }
    return null;
  }

  /** Closes the connection without a close frame. */
  [Symbol.dispose](): void {
    try {
      this.#connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // it is closed already
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
  }

  async #readHead(): Promise<string> {
    for (let end = -1; end < 0;) {
      if (!await this.#fill()) break;
      end = decoder.decode(this.#buffer).indexOf("\r\n\r\n");
      if (end < 0) continue;
      const head = decoder.decode(this.#buffer.subarray(0, end));
      this.#buffer = this.#buffer.slice(end + 4);
      return head.slice(0, head.indexOf("\r\n"));
    }
    throw new Error("the server closed the connection");
  }

  async #take(count: number): Promise<Uint8Array | null> {
    while (this.#buffer.length < count) if (!await this.#fill()) return null;
    const taken = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  /** Reads what has arrived, and returns false at the end. */
  async #fill(): Promise<boolean> {
    const chunk = new Uint8Array(64 * 1024);
    const count = await this.#connection.read(chunk).catch(() => null);
    if (count === null) return false;
    const joined = new Uint8Array(this.#buffer.length + count);
    joined.set(this.#buffer);
    joined.set(chunk.subarray(0, count), this.#buffer.length);
    this.#buffer = joined;
    return true;
  }
}
