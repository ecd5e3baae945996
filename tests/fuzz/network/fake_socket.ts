/** A WebSocket of a browser whose server is a script. It behaves like a real one: `send` before `open` throws. */

import type { SimWorld } from "./sim_world.ts";

export type Handler<Event> = ((event: Event) => void) | null;

/** What the script learns of a socket. */
export interface SocketServer {
  /** A client has made the socket, and waits for it to open. */
  connected(socket: FakeSocket): void;
  received(socket: FakeSocket, text: string): void;
  /** A client has sent something over a socket that is closing, which browsers warn of. */
  ignored(): void;
}

interface FakeSocketOptions {
  readonly world: SimWorld;
  readonly server: SocketServer;
  /** How long a close takes; a server that is out of reach never answers one. */
  readonly closeMs: () => number;
}

const HANDSHAKE_MS = 5;

export class FakeSocket {
  onmessage: Handler<{ data: string }> = null;
  onclose: Handler<{ code?: number; reason?: string }> = null;
  onerror: Handler<object> = null;
  onopen: Handler<object> = null;
  readyState = 0;
  readonly #options: FakeSocketOptions;

  constructor(readonly url: string, readonly protocols: readonly string[], options: FakeSocketOptions) {
    this.#options = options;
    options.server.connected(this);
  }

  /** True once nothing more comes of it. */
  get isGone(): boolean {
    return this.readyState === 3;
  }

  send(text: string): void {
    if (this.readyState === 0) throw new DOMException("the socket is not open yet", "InvalidStateError");
    const { server } = this.#options;
    if (this.readyState === 1) server.received(this, text);
    else server.ignored();
  }

  close(): void {
    if (this.readyState >= 2) return;
    this.readyState = 2;
    const { world, closeMs } = this.#options;
    world.after(closeMs(), () => this.#gone(1005, ""));
  }

  /** The server accepts it. */
  open(): void {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.onopen?.({});
  }

  /** Returns false if nobody receives it. */
  deliver(data: string): boolean {
    if (this.readyState !== 1 || this.onmessage === null) return false;
    this.onmessage({ data });
    return true;
  }

  /** The end, by a close frame with a code, after a while, or without one (1006), which fires `error` before. */
  end(code: number, reason = ""): void {
    if (this.readyState === 3) return;
    if (code === 1006) return this.#gone(code, reason);
    this.readyState = 2;
    this.#options.world.after(HANDSHAKE_MS, () => this.#gone(code, reason));
  }

  #gone(code: number, reason: string): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    if (code === 1006) this.onerror?.({});
    this.onclose?.({ code, reason });
  }
}

/** The class that takes the place of `WebSocket`. */
export function socketClass(
  options: FakeSocketOptions,
): new (url: string, protocols?: string[]) => FakeSocket {
  return class extends FakeSocket {
    constructor(url: string, protocols: string[] = []) {
      super(url, protocols, options);
    }
  };
}
