/** The transport over a WebSocket: the only file that knows the oddities of Deno's server WebSocket. */

import type { Close } from "../wire/close_codes.ts";
import { PausedClose, waitsForPause } from "./paused_close.ts";
import type { Transport, TransportListener } from "./transport.ts";

/**
 * Its event handler never throws, because an exception there would end the process. It handles a close once, because
 * Deno dispatches close twice after an idle timeout. The transport itself is the event listener: three closures and
 * their wrappers would cost 600 bytes more for each socket.
 *
 * After the close it listens no more. If a connection breaks, Deno's timer for the next ping keeps the socket for up to
 * 22 seconds. It would keep the session too, with what waits in its outbox, and tabs that are all cut off come back
 * before that. Without the session, 2.7 KB of 4.7 stay.
 */
export class WebSocketTransport implements Transport, EventListenerObject {
  readonly #socket: WebSocket;
  readonly #listener: TransportListener;
  #pausedClose: PausedClose | null = null;

  constructor(socket: WebSocket, listener: TransportListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", this, { once: true });
    for (const type of ["message", "close"]) socket.addEventListener(type, this);
  }

  get kind(): "websocket" {
    return "websocket";
  }

  /** False before the socket is open, and as soon as either side has begun to close it. */
  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN && this.#pausedClose === null;
  }

  /** Bytes that were handed over and have not reached the kernel; 0 if the socket is not open. */
  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  /** Sends a text frame, however much is buffered. */
  send(frame: string): void {
    this.#socket.send(frame);
  }

  /** Some closes wait until no more frames come, for half a second at most. */
  close(close: Close): void {
    if (!this.open || !waitsForPause(close)) this.#socket.close(close.code, close.reason);
    else this.#pausedClose = new PausedClose(this.#socket, close);
  }

  handleEvent(event: Event): void {
    try {
      if (event instanceof MessageEvent) {
        if (this.open) this.#listener.onFrame(event.data);
        else this.#pausedClose?.onFrame(event.data);
      } else if (event.type === "open") {
        this.#listener.onOpen();
      } else {
        for (const type of ["open", "message", "close"]) this.#socket.removeEventListener(type, this);
        this.#pausedClose?.cancel();
        this.#listener.onClose();
      }
    } catch (error) {
      this.#listener.onError(error);
    }
  }
}

/** True before the socket has opened, and for ever if it never does. */
export function isOpening({ readyState }: WebSocket): boolean {
  return readyState === WebSocket.CONNECTING;
}
