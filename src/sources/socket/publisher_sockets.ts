/** The WebSockets of all publishers of a node: how many there can be, and how they end when the node does. */

import type { Transport, TransportListener } from "../../connection/transport.ts";
import type { Close } from "../../wire/close_codes.ts";
import {
  PublisherSocket,
  type PublisherSocketDeps,
  type PublisherSocketObserver,
} from "./publisher_socket.ts";

export interface PublisherSocketsDeps extends PublisherSocketDeps {
  readonly slots: { readonly isFull: boolean; take(): boolean; release(): void };
  /** Makes the transport of a socket. */
  readonly connect: (socket: WebSocket, listener: TransportListener) => Transport;
  /** Called when a socket of this owner has ended. @param close null if the publisher has left by itself */
  readonly onClosed: (close: Close | null, owner: string) => void;
}

/** A publisher that may connect, and has a slot. */
export interface AdmittedPublisher {
  /** Takes over the socket. */
  attach(socket: WebSocket): void;
  /** Gives the slot back if there will be no socket. */
  release(): void;
}

export class PublisherSockets implements PublisherSocketObserver {
  readonly #deps: PublisherSocketsDeps;
  readonly #sockets = new Set<PublisherSocket>(); // those that have not ended
  #onAllEnded: (() => void) | undefined;

  constructor(deps: PublisherSocketsDeps) {
    this.#deps = deps;
  }

  get isFull(): boolean {
    return this.#deps.slots.isFull;
  }

  /**
   * Takes a slot. Returns null if there is none.
   *
   * @param owner the name of the publisher's key
   */
  admit(owner: string): AdmittedPublisher | null {
    const { slots, connect } = this.#deps;
    if (!slots.take()) return null;
    const socket = new PublisherSocket(owner, { deps: this.#deps, observer: this });
    this.#sockets.add(socket);
    return {
      attach: (webSocket) => socket.connect((listener) => connect(webSocket, listener)),
      release: () => socket.onClose(),
    };
  }

  onEnd(socket: PublisherSocket, close: Close | null): void {
    this.#sockets.delete(socket);
    this.#deps.onClosed(close, socket.owner);
    if (this.#sockets.size === 0) this.#onAllEnded?.();
  }

  onGone(): void {
    this.#deps.slots.release();
  }

  /** Has every socket answer what it has received and close with 1012. Resolves when all have. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onAllEnded = resolve;
    for (const socket of this.#sockets) socket.stop();
    if (this.#sockets.size > 0) await promise;
  }

  /** Closes every socket at once. */
  endAll(close: Close): void {
    for (const socket of this.#sockets) socket.end(close);
  }
}
