/** One connection of a tab: TCP from a given source address, an upgrade by hand, and text frames. */

import type { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { FrameReader, type FrameSink } from "../../bench/load/frames.ts";

// An empty pong, like the pings of the server, and an empty close frame. Their masks are all zeros.
const PONG = Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0);
const CLOSE = Uint8Array.of(0x88, 0x80, 0, 0, 0, 0);
const HEAD_END = "\r\n\r\n";
const MAX_SHORT_BYTES = 125; // RFC 6455, section 5.2: a longer payload needs another header
const encoder = new TextEncoder();

export interface LineOptions {
  readonly port: number;
  /** The source address. */
  readonly address: string;
  readonly path: string;
  onText(text: string): void;
  /** Called once, at the end. @param refusal why it was never upgraded; null: it was */
  onEnd(refusal: string | null): void;
}

/** A library would take several times the memory and CPU of this for a tab that only listens. */
export class Line implements FrameSink {
  readonly #options: LineOptions;
  readonly #socket: Socket;
  readonly #frames = new FrameReader(this);
  /** What has arrived of the head of the answer; null after it. */
  #head: string | null = "";
  #text = "";
  #refusal: string | null = "the connection ended before the upgrade";

  constructor(options: LineOptions) {
    const { port, address } = this.#options = options;
    this.#socket = connect({ host: "127.0.0.1", port, localAddress: address, noDelay: true });
    this.#socket.on("connect", () => this.#socket.write(requestOf(options)));
    this.#socket.on("data", (bytes: Buffer) => this.#take(bytes));
    this.#socket.on("error", ({ message }: Error) => this.#refuse(message));
    this.#socket.on("close", () => options.onEnd(this.#refusal));
  }

  /** Sends a text of at most 125 bytes. */
  send(text: string): void {
    const payload = encoder.encode(text);
    if (payload.length > MAX_SHORT_BYTES) throw new Error(`the message has ${payload.length} bytes`);
    this.#socket.write(Uint8Array.of(0x81, 0x80 | payload.length, 0, 0, 0, 0, ...payload));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  onPing(): void {
    this.#socket.write(PONG);
  }

  /** Answers as browsers do. The server closes the connection then. */
  onClose(): void {
    this.#socket.end(CLOSE);
  }

  /** All frames of this load are ASCII. */
  onPayload(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) this.#text += String.fromCharCode(bytes[at] ?? 0);
  }

  onEnd(): void {
    const text = this.#text;
    this.#text = "";
    this.#options.onText(text);
  }

  #take(bytes: Buffer): void {
    if (this.#head === null) return this.#frames.take(bytes, 0, bytes.length);
    const before = this.#head.length;
    this.#head += bytes.toString("latin1");
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return;
    if (!this.#head.startsWith("HTTP/1.1 101")) {
      this.#refuse(this.#head.slice(0, this.#head.indexOf("\r\n")));
      return this.destroy();
    }
    this.#head = this.#refusal = null;
    this.#frames.take(bytes, end + HEAD_END.length - before, bytes.length);
  }

  #refuse(reason: string): void {
    if (this.#refusal !== null) this.#refusal = reason;
  }
}

function requestOf({ port, path }: LineOptions): string {
  return [
    `GET ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "upgrade: websocket",
    "connection: Upgrade",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
  ].join("\r\n") + HEAD_END;
}
