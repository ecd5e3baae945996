/** A tab: upgrades by hand, and then counts what comes. */

import { microseconds } from "./clock.ts";
import { FrameReader, type FrameSink } from "./frames.ts";
import { Stamps } from "./stamps.ts";
import type { Tally } from "./tally.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const PONG = Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0); // empty as servers' pings are, and masked with zeros

/** How a tab connects. */
export interface TabParts {
  readonly port: number;
  readonly path: string;
  readonly token: string | null;
  readonly tally: Tally;
  /** How much it reads at once. */
  readonly bufferBytes: number;
}

export class Tab implements FrameSink {
  readonly #connection: Deno.TcpConn;
  readonly #buffer: Uint8Array;
  readonly #tally: Tally;
  readonly #stamps = new Stamps();
  readonly #frames = new FrameReader(this);
  #isLeaving = false;

  private constructor(connection: Deno.TcpConn, { tally, bufferBytes }: TabParts) {
    this.#connection = connection;
    this.#buffer = new Uint8Array(bufferBytes);
    this.#tally = tally;
  }

  /** Resolves when it is let in; rejects with the status line if it isn't. */
  static async open(parts: TabParts): Promise<Tab> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: parts.port });
    const tab = new Tab(connection, parts);
    try {
      await tab.#upgrade(parts);
      return tab;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Reads until the line ends. This is the only reader. */
  async read(): Promise<void> {
    try {
      for (;;) {
        const count = await this.#connection.read(this.#buffer);
        if (count === null) break;
        this.#frames.take(this.#buffer, 0, count);
      }
    } catch (error) {
      if (!this.#isLeaving && !(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
    if (!this.#isLeaving) this.#tally.closed++;
  }

  close(): void {
    this.#isLeaving = true;
    this.#connection.close();
  }

  payload(bytes: Uint8Array, start: number, end: number): void {
    this.#stamps.take(bytes, start, end);
  }

  pinged(): void {
    this.#connection.write(PONG).catch((error) => {
      if (!this.#isLeaving && !(error instanceof Deno.errors.BrokenPipe)) throw error;
    });
  }

  ended(): void {
    const { count, first } = this.#stamps;
    if (count > 0) this.#tally.add(count, { first, now: microseconds }); // a greeting has none
    this.#stamps.reset();
  }

  async #upgrade({ port, path, token }: TabParts): Promise<void> {
    const request = encoder.encode(upgradeOf({ port, path, token }));
    const sent = await this.#connection.write(request);
    if (sent < request.length) throw new Error("the server did not take the upgrade");
    for (let come = 0;;) {
      const count = await this.#connection.read(this.#buffer.subarray(come));
      if (count === null) throw new Error("the server ended the connection");
      come += count;
      const head = decoder.decode(this.#buffer.subarray(0, come));
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) continue;
      if (!head.startsWith("HTTP/1.1 101")) throw new Error(head.slice(0, head.indexOf("\r\n")));
      return this.#frames.take(this.#buffer, end + 4, come);
    }
  }
}

function upgradeOf({ port, path, token }: { port: number; path: string; token: string | null }): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "upgrade: websocket",
    "connection: Upgrade",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ...(token === null ? [] : [`authorization: Bearer ${token}`]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
