/** A server WebSocket as the pumps want it. The only file that knows the class WebSocket and its oddities. */

import type { Close } from "../wire/close_codes.ts";
import type { Transport, TransportEvents } from "./transport.ts";

/**
 * Its handlers can neither throw, which would end the process, nor run twice, as Deno's close event does after
 * an idle timeout. It is the listener itself: three closures and their wrappers cost 600 bytes more a socket.
 */
export class WebSocketTransport implements Transport, EventListenerObject {
  readonly #socket: WebSocket;
  readonly #events: TransportEvents;
  #gone = false;

  constructor(socket: WebSocket, events: TransportEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", this, { once: true });
    for (const type of ["message", "close"]) socket.addEventListener(type, this);
  }

  get transport(): "websocket" {
    return "websocket";
  }

  /** False before it is open, and as soon as either side has begun to close. */
  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Bytes that were handed over and are not with the kernel yet; 0 if the socket is not open. */
  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  /** Hands over a text frame, whatever is buffered. */
  send(frame: string): void {
    this.#socket.send(frame);
  }

  /** Closes after all that was sent before. */
  close({ code, reason }: Close): void {
    this.#socket.close(code, reason);
  }

  handleEvent(event: Event): void {
    if (this.#gone) return;
    try {
      if (event instanceof MessageEvent) {
        if (this.open) this.#events.received(event.data);
      } else if (event.type === "open") {
        this.#events.opened();
      } else {
        this.#gone = true;
        this.#events.gone();
      }
    } catch (error) {
      this.#events.failed(error);
    }
  }
}
