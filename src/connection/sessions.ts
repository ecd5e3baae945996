/** Sessions: starts a session for every admitted connection, over either transport. */

import { type AdmittedConnection, Session, type SessionDeps } from "./session.ts";
import { createEventEncoder } from "./sse_encoding.ts";
import { SseTransport } from "./sse_transport.ts";
import { WebSocketTransport } from "./websocket_transport.ts";

export class Sessions {
  readonly #deps: SessionDeps;
  readonly #encodeEvent = createEventEncoder();

  constructor(deps: SessionDeps) {
    this.#deps = deps;
  }

  /** Takes over the socket. */
  attach(socket: WebSocket, admitted: AdmittedConnection): void {
    new Session((listener) => new WebSocketTransport(socket, listener), admitted, this.#deps);
  }

  /** Returns the body of a Server-Sent Events response. `delivered` settles when the server is done with the body. */
  openEventStream(
    admitted: AdmittedConnection,
    delivered: Promise<void>,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    const transport = new SseTransport(delivered, this.#encodeEvent);
    new Session((listener) => transport.listen(listener), admitted, this.#deps);
    return transport.body;
  }
}
