/** Server-Sent Events as the write pump wants them. The only file that knows their format, and a response's body. */

import type { Close } from "../wire/close_codes.ts";
import type { EncodeEvent } from "./sse_encoding.ts";
import type { Transport, TransportEvents } from "./transport.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const IN_BYTES = new ByteLengthQueuingStrategy({ highWaterMark: 0 });
const COMMENT_EVERY_MS = 15_000; // proxies give up a line that is silent for 60 seconds, some for 30
const MIN_RETRY_MS = 1_000; // of these and as many again, each browser gets its own: it knows no jitter

/**
 * The body's own source: its stream calls `start`, `pull` and `cancel`. The server pulls a chunk when it has passed
 * on the one before, and holds 64 to 116 KB itself, beside the kernel's 4 MB, of what a peer doesn't read; the rest
 * stays in the stream. So what is in there is what the pump has to wait for.
 */
export class SseTransport implements Transport, UnderlyingDefaultSource<Bytes> {
  readonly transport = "sse";
  readonly body: ReadableStream<Bytes>;
  readonly #eventOf: EncodeEvent;
  #controller: ReadableStreamDefaultController<Bytes> | undefined;
  #events: TransportEvents | undefined;
  #comments: ReturnType<typeof setInterval> | undefined;
  #opened = false;
  #closed = false;
  #gone = false;

  /**
   * @param delivered settles when the server is through with the body, sent or not. A peer that leaves cancels the
   * body (after 2 ms, by FIN or RST); one that leaves after `close`, or never reads to the end, shows only in this.
   */
  constructor(delivered: Promise<unknown>, eventOf: EncodeEvent) {
    this.#eventOf = eventOf;
    this.body = new ReadableStream(this, IN_BYTES);
    delivered.then(() => this.cancel(), () => this.cancel());
  }

  /** From now on tells what happens. Before that, the body is not to be read. */
  tell(events: TransportEvents): this {
    this.#events = events;
    return this;
  }

  get open(): boolean {
    return this.#opened && !this.#closed;
  }

  /** Bytes that the server has not pulled; 0 if the stream is not open. */
  get buffered(): number {
    return this.open ? 0 - (this.#controller?.desiredSize ?? 0) : 0;
  }

  /** Hands over a frame as an event; nothing if the stream is not open. */
  send(frame: string, position?: string): void {
    if (this.open) this.#controller?.enqueue(this.#eventOf(frame, position));
  }

  /** Tells the browser why, in a last event, for otherwise it would just come back; and ends the body. */
  close({ code, reason }: Close): void {
    this.#write(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`);
    if (this.#closed) return;
    this.#end();
    this.#controller?.close();
  }

  start(controller: ReadableStreamDefaultController<Bytes>): void {
    this.#controller = controller;
  }

  /** The server wants the next chunk; when it wants the first, the stream is open. */
  pull(): void {
    if (this.#opened || this.#closed) return;
    this.#opened = true;
    this.#comments = setInterval(() => this.#comment(), COMMENT_EVERY_MS);
    this.#write(`retry: ${MIN_RETRY_MS + Math.floor(Math.random() * MIN_RETRY_MS)}\n\n`);
    if (this.open) this.#call("opened");
  }

  cancel(): void {
    this.#end();
    if (this.#gone) return;
    this.#gone = true;
    this.#call("gone");
  }

  /**
   * A peer that lost its power or its network is missed only if something is sent to it: after 16 minutes, or 14 s
   * with Linux's tcp_retries2 at 5, the kernel gives up what was not acknowledged. Of a silent line it never asks.
   */
  #comment(): void {
    if (this.buffered === 0) this.#write(":\n\n"); // otherwise there is enough under way
  }

  /** The server may find the line cut while it takes what is written, and cancel before this returns. */
  #write(text: string): void {
    if (this.open) this.#controller?.enqueue(encoder.encode(text));
  }

  #end(): void {
    this.#closed = true;
    clearInterval(this.#comments);
  }

  #call(event: "opened" | "gone"): void {
    try {
      this.#events?.[event]();
    } catch (error) {
      this.#events?.failed(error);
    }
  }
}
