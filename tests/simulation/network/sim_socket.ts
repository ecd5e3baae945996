/** A simulated WebSocket: the server's side of it, with the oddities of Deno's, over a wire to a browser. */

import type { BrowserEnd, Handover, NodeEnd } from "./browser_end.ts";
import type { Wire } from "./wire.ts";

const CLOSE_FRAME_BYTES = 8;

export class SimSocket implements NodeEnd {
  binaryType = "blob";
  readyState: number = WebSocket.CONNECTING;
  readonly #wire: Wire;
  readonly #browser: BrowserEnd;
  readonly #handover: Handover;
  readonly #listeners = new Map<string, EventListenerObject>();

  constructor(wire: Wire, { browser, handover }: { browser: BrowserEnd; handover: Handover }) {
    this.#wire = wire;
    this.#browser = browser;
    this.#handover = handover;
    wire.up("the socket opens", () => {
      this.readyState = WebSocket.OPEN;
      this.#dispatch(new Event("open"));
    });
  }

  /** What a `WebSocketTransport` gets. */
  get socket(): WebSocket {
    const server: Pick<WebSocket, "addEventListener" | "binaryType" | "bufferedAmount" | "readyState"> & {
      removeEventListener(type: string): void;
      send(frame: string): void;
      close(code: number, reason: string): void;
    } = new ServerSide(this);
    return server as unknown as WebSocket;
  }

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  /** It reads 0 once the socket is not open. */
  get bufferedAmount(): number {
    return this.isOpen ? this.#wire.buffered : 0;
  }

  listen(type: string, listener: EventListenerObject): void {
    this.#listeners.set(type, listener);
  }

  /** The node has one listener for each type. */
  forget(type: string): void {
    this.#listeners.delete(type);
  }

  /** The node sends a frame. It is ignored once the socket is closing. */
  write(frame: string): void {
    if (this.readyState === WebSocket.CONNECTING) throw new DOMException("not open", "InvalidStateError");
    if (!this.isOpen) return;
    this.#handover.onHanded(frame, this.#wire.buffered);
    this.#wire.down(frame.length, () => this.#browser.onFrame(frame));
  }

  /** The node closes the socket, after everything that it has sent. A browser that does not read never answers. */
  end(code: number): void {
    if (this.readyState >= WebSocket.CLOSING) return;
    this.readyState = WebSocket.CLOSING;
    this.#handover.onClosing();
    this.#wire.down(CLOSE_FRAME_BYTES, () => {
      this.#wire.up("the close is answered", () => this.#gone());
      this.#browser.onClosed(code);
    });
  }

  send(frame: string): void {
    this.#wire.up("a frame", () => {
      if (this.isOpen) this.#handover.onReceived(frame);
      this.#dispatch(new MessageEvent("message", { data: frame }));
    });
  }

  close(): void {
    this.#wire.notice({ silent: false }, () => this.#gone());
    this.#wire.break();
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

  /** Deno may dispatch a close twice. */
  #gone(): void {
    this.readyState = WebSocket.CLOSED;
    this.#dispatch(new Event("close"));
    this.#dispatch(new Event("close"));
  }

  #dispatch(event: Event): void {
    this.#listeners.get(event.type)?.handleEvent(event);
  }
}

/** The members of a WebSocket that a `WebSocketTransport` uses. */
class ServerSide {
  readonly #socket: SimSocket;

  constructor(socket: SimSocket) {
    this.#socket = socket;
  }

  get binaryType(): BinaryType {
    return "arraybuffer";
  }

  set binaryType(_: BinaryType) {}

  get readyState(): number {
    return this.#socket.readyState;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  addEventListener(type: string, listener: unknown): void {
    this.#socket.listen(type, listener as EventListenerObject);
  }

  removeEventListener(type: string): void {
    this.#socket.forget(type);
  }

  send(frame: string): void {
    this.#socket.write(frame);
  }

  close(code: number, _reason: string): void {
    this.#socket.end(code);
  }
}
