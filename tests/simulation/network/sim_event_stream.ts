/** A simulated HTTP server that sends the body of an event stream over a wire, and the browser that parses it. */

import type { BrowserEnd, Handover, NodeEnd } from "./browser_end.ts";
import type { Wire } from "./wire.ts";

const HELD_BYTES = 64 * 1024; // what Deno's server holds before it pulls the next chunk
const decoder = new TextDecoder();

export class SimEventStream implements NodeEnd {
  /** Settles when the server is done with the body. */
  readonly delivered: Promise<void>;
  readonly #wire: Wire;
  readonly #browser: BrowserEnd;
  readonly #handover: Handover;
  readonly #settle: () => void;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #closeCode: number | null = null;
  #isOver = false;

  constructor(wire: Wire, { browser, handover }: { browser: BrowserEnd; handover: Handover }) {
    this.#wire = wire;
    this.#browser = browser;
    this.#handover = handover;
    ({ promise: this.delivered, resolve: this.#settle } = Promise.withResolvers<void>());
  }

  get isOpen(): boolean {
    return !this.#isOver;
  }

  /** Sends the body, in the process of the node. */
  serve(body: ReadableStream<Uint8Array>): void {
    this.#reader = body.getReader();
    this.#wire.up("the stream opens", () => void this.#pull());
  }

  /** A browser has to send in requests of its own. */
  send(): void {
    throw new TypeError("An event stream carries nothing to the server");
  }

  close(): void {
    this.cut({ silent: false });
  }

  cut(options: { readonly silent: boolean }): void {
    if (this.#wire.isBroken) return;
    this.#wire.break();
    this.#wire.notice(options, () => this.#gone());
  }

  stall(): void {
    this.#wire.stall();
  }

  flow(): void {
    this.#wire.flow();
  }

  async #pull(): Promise<void> {
    const { done, value } = await this.#reader?.read() ?? { done: true, value: undefined };
    if (this.#isOver) return;
    if (done || value === undefined) return this.#finish();
    const event = decoder.decode(value);
    const frame = /^data: (\[.*)$/m.exec(event)?.[1];
    if (frame !== undefined) this.#handover.onHanded(frame, 0);
    this.#wire.down(value.length, () => this.#parse(event));
    this.#wire.whenRoom(HELD_BYTES, () => void this.#pull());
  }

  /** The body has ended, and the server is done when all of it is sent. */
  #finish(): void {
    this.#handover.onClosing();
    this.#wire.down(0, () => {
      this.#wire.up("the stream has ended", () => this.#gone());
      this.#browser.onClosed(this.#closeCode);
    });
  }

  #parse(event: string): void {
    const data = /^data: (.*)$/m.exec(event)?.[1], id = /^id: (.*)$/m.exec(event)?.[1];
    if (data === undefined) return;
    if (event.startsWith("event: close")) this.#closeCode = JSON.parse(data).code;
    else this.#browser.onFrame(data, id);
  }

  #gone(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reader?.cancel();
    this.#settle();
  }
}
