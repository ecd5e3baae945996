/** A tab of the load: it upgrades over TCP, and then counts the notifications that it receives. */

import { microseconds } from "./clock.ts";
import type { ConnectRequest } from "./dialect.ts";
import { FrameReader, type FrameSink } from "./frames.ts";
import { Stamps } from "./stamps.ts";
import type { DeliveryStats } from "./delivery_stats.ts";
import { upgrade } from "./upgrade.ts";

// An empty pong, like the pings of the servers, and an empty close frame. Their masks are all zeros.
const PONG = Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0);
const CLOSE = Uint8Array.of(0x88, 0x80, 0, 0, 0, 0);

export interface TabOptions {
  readonly port: number;
  readonly request: ConnectRequest;
  /** Whether the server accepts the tab by its first text frame, instead of by the upgrade. */
  readonly acceptsByFrame: boolean;
  readonly stats: DeliveryStats;
  /** The number of bytes that it reads at once. */
  readonly bufferBytes: number;
}

export class Tab implements FrameSink {
  readonly #connection: Deno.TcpConn;
  readonly #buffer: Uint8Array;
  readonly #stats: DeliveryStats;
  readonly #stamps = new Stamps();
  readonly #frames = new FrameReader(this);
  #isClosing = false;
  #hasFrame = false;

  private constructor(connection: Deno.TcpConn, { stats, bufferBytes }: TabOptions) {
    this.#connection = connection;
    this.#buffer = new Uint8Array(bufferBytes);
    this.#stats = stats;
  }

  /** Connects, and resolves when the server has accepted the tab. Rejects with the reason if it refuses. */
  static async open(options: TabOptions): Promise<Tab> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: options.port });
    const tab = new Tab(connection, options);
    try {
      const request = { port: options.port, ...options.request };
      const { start, end } = await upgrade(connection, { request, buffer: tab.#buffer });
      tab.#frames.take(tab.#buffer, start, end);
      if (options.acceptsByFrame) await tab.#firstFrame();
      return tab;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Reads until the connection ends. This is its only reader. */
  async read(): Promise<void> {
    try {
      for (;;) {
        const count = await this.#connection.read(this.#buffer);
        if (count === null) break;
        this.#frames.take(this.#buffer, 0, count);
      }
    } catch (error) {
      if (!this.#isClosing && !(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
    if (!this.#isClosing) this.#stats.closed++;
  }

  close(): void {
    this.#isClosing = true;
    this.#connection.close();
  }

  onPayload(bytes: Uint8Array, start: number, end: number): void {
    this.#stamps.take(bytes, start, end);
  }

  onPing(): void {
    this.#answer(PONG);
  }

  /** Answers as browsers do. A server may wait for it for seconds before it closes the connection. */
  onClose(): void {
    this.#answer(CLOSE);
  }

  onEnd(): void {
    this.#hasFrame = true;
    const { count, first } = this.#stamps;
    if (count > 0) this.#stats.add(count, { first, now: microseconds }); // a welcome has no stamp
    this.#stamps.reset();
  }

  #answer(frame: Uint8Array): void {
    this.#connection.write(frame).catch((error) => {
      const { BrokenPipe, ConnectionReset } = Deno.errors;
      const isGone = error instanceof BrokenPipe || error instanceof ConnectionReset;
      if (!this.#isClosing && !isGone) throw error;
    });
  }

  async #firstFrame(): Promise<void> {
    while (!this.#hasFrame) {
      const count = await this.#connection.read(this.#buffer);
      if (count === null) throw new Error("the server closed the connection after the upgrade");
      this.#frames.take(this.#buffer, 0, count);
    }
  }
}
