/** The transport over Server-Sent Events: the only file that writes their format into a response body. */

import type { Close } from "../wire/close_codes.ts";
import type { EncodeEvent } from "./sse_encoding.ts";
import type { Transport, TransportListener } from "./transport.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const UNBUFFERED_BYTES = new ByteLengthQueuingStrategy({ highWaterMark: 0 });
const COMMENT_EVERY_MS = 15_000; // most proxies drop a connection that is silent for 60 seconds, and some after 30

// Each browser gets a random delay between this and twice this, because EventSource adds no jitter of its own.
const MIN_RETRY_MS = 1_000;

/**
 * It is the source of its own body: the body's stream calls `start`, `pull` and `cancel`. The server pulls a chunk
 * when it has passed on the one before. If a peer does not read, the server itself holds 64 to 116 KB and the kernel
 * 4 MB. The rest stays in the stream, so the stream's size is what the write pump has to wait for.
 */
export class SseTransport implements Transport, UnderlyingDefaultSource<Bytes> {
  readonly kind = "sse";
  readonly body: ReadableStream<Bytes>;
  readonly #encodeEvent: EncodeEvent;
  #controller: ReadableStreamDefaultController<Bytes> | undefined;
  #listener: TransportListener | undefined;
  #commentTimer: ReturnType<typeof setInterval> | undefined;
  #isOpened = false;
  #isEnded = false;
  #isGone = false;

  /**
   * @param delivered settles when the server is done with the body, whether it was sent or not. A peer that leaves
   *   cancels the body within 2 ms, by FIN or RST. If it leaves after `close`, or never reads to the end, only
   *   `delivered` shows it.
   */
  constructor(delivered: Promise<unknown>, encodeEvent: EncodeEvent) {
    this.#encodeEvent = encodeEvent;
    this.body = new ReadableStream(this, UNBUFFERED_BYTES);
    delivered.then(() => this.cancel(), () => this.cancel());
  }

  /** Sets the listener. The body must not be read before that. */
  listen(listener: TransportListener): this {
    this.#listener = listener;
    return this;
  }

  get open(): boolean {
    return this.#isOpened && !this.#isEnded;
  }

  /** Bytes that the server has not pulled; 0 if the stream is not open. */
  get buffered(): number {
    return this.open ? 0 - (this.#controller?.desiredSize ?? 0) : 0;
  }

  /** Writes a frame as an event. Does nothing if the stream is not open. */
  send(frame: string, position?: string): void {
    if (this.open) this.#controller?.enqueue(this.#encodeEvent(frame, position));
  }

  /** Writes code and reason as the last event, because a browser would simply reconnect without it. Ends the body. */
  close({ code, reason }: Close): void {
    this.#write(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`);
    if (this.#isEnded) return;
    this.#end();
    this.#controller?.close();
  }

  start(controller: ReadableStreamDefaultController<Bytes>): void {
    this.#controller = controller;
  }

  /** Called when the server wants the next chunk. The stream opens when the server wants the first one. */
  pull(): void {
    if (this.#isOpened || this.#isEnded) return;
    this.#isOpened = true;
    this.#commentTimer = setInterval(() => this.#writeComment(), COMMENT_EVERY_MS);
    this.#write(`retry: ${MIN_RETRY_MS + Math.floor(Math.random() * MIN_RETRY_MS)}\n\n`);
    if (this.open) this.#notify("onOpen");
  }

  /** Called when the peer has left, and when the server is done with the body. */
  cancel(): void {
    this.#end();
    if (this.#isGone) return;
    this.#isGone = true;
    this.#notify("onClose");
  }

  /**
   * The kernel notices that a peer lost its power or its network only if something is sent to it. It gives up
   * unacknowledged data after 16 minutes, or after 14 s if Linux's tcp_retries2 is 5.
   */
  #writeComment(): void {
    if (this.buffered === 0) this.#write(":\n\n"); // otherwise something is being sent already
  }

  /** While the server takes what is written, it may find the connection lost and call `cancel` before this returns. */
  #write(text: string): void {
    if (this.open) this.#controller?.enqueue(encoder.encode(text));
  }

  #end(): void {
    this.#isEnded = true;
    clearInterval(this.#commentTimer);
  }

  #notify(event: "onOpen" | "onClose"): void {
    try {
      this.#listener?.[event]();
    } catch (error) {
      this.#listener?.onError(error);
    }
  }
}
