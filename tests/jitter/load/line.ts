/** A WebSocket over TCP that can be destroyed without a close, as when a network is lost. */

import { FrameReader, type FrameSink } from "../../bench/load/frames.ts";
import { upgrade } from "../../bench/load/upgrade.ts";

// An empty pong and an empty close frame. Their masks are all zeros.
const PONG = Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0);
const CLOSE = Uint8Array.of(0x88, 0x80, 0, 0, 0, 0);
const BUFFER_BYTES = 4_096;
const MAX_SHORT = 125, MAX_LENGTH = 65_535;

const encoder = new TextEncoder();

export interface LineOptions {
  readonly port: number;
  readonly path: string;
  /** Called when the upgrade is done. */
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
}

export class Line implements FrameSink {
  readonly #options: LineOptions;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #frames = new FrameReader(this);
  readonly #decoder = new TextDecoder();
  #connection: Deno.TcpConn | null = null;
  #isDestroyed = false;
  #text = "";

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Connects, and reads until the line has ended. Resolves with the reason, or null if it was destroyed. */
  async run(): Promise<Error | null> {
    try {
      await this.#connectAndRead();
      return this.#isDestroyed ? null : new Error("the server closed the connection");
    } catch (cause) {
      return this.#isDestroyed ? null : new Error("the connection failed", { cause });
    } finally {
      this.destroy();
    }
  }

  /** Sends a text message. */
  say(text: string): void {
    this.#write(frameOf(encoder.encode(text)));
  }

  /** Closes the socket without a close frame. The server sees the end of its TCP connection, or a reset. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#connection?.close();
    this.#connection = null;
  }

  onPayload(bytes: Uint8Array, start: number, end: number): void {
    this.#text += this.#decoder.decode(bytes.subarray(start, end), { stream: true });
  }

  onEnd(): void {
    const text = this.#text;
    this.#text = "";
    if (!this.#isDestroyed) this.#options.onText(text);
  }

  onPing(): void {
    this.#write(PONG);
  }

  onClose(): void {
    this.#write(CLOSE);
  }

  async #connectAndRead(): Promise<void> {
    const { port, path, onOpen } = this.#options;
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    if (this.#isDestroyed) return connection.close();
    this.#connection = connection;
    connection.setNoDelay(true);
    const request = { port, path, credential: null };
    const { start, end } = await upgrade(connection, { request, buffer: this.#buffer });
    if (this.#isDestroyed) return;
    onOpen();
    this.#frames.take(this.#buffer, start, end);
    for (;;) {
      const count = await connection.read(this.#buffer);
      if (count === null || this.#isDestroyed) return;
      this.#frames.take(this.#buffer, 0, count);
    }
  }

  /** A write to a connection that is gone needs no report, because the reader learns of that, too. */
  #write(bytes: Uint8Array): void {
    this.#connection?.write(bytes).catch(() => {});
  }
}

/** Returns a text frame. Its mask is all zeros, so the payload is unchanged. */
export function frameOf(payload: Uint8Array): Uint8Array {
  const { length } = payload;
  if (length > MAX_LENGTH) throw new RangeError(`${length} bytes are too many for a client of this load`);
  const size = length <= MAX_SHORT ? [0x80 | length] : [0x80 | 126, length >> 8, length & 255];
  const head = [0x81, ...size, 0, 0, 0, 0];
  const frame = new Uint8Array(head.length + length);
  frame.set(head);
  frame.set(payload, head.length);
  return frame;
}
