/** A server WebSocket as the pumps want it. The only file that knows the class WebSocket and its oddities. */

import type { Close } from "../close_codes.ts";

/** A frame as it came: a string if it was a text frame. */
export type Frame = string | ArrayBuffer;

/**
 * Handlers that can neither throw (an exception in one would end the process) nor run twice (Deno says `close`
 * again after an idle timeout). Frames that come after {@linkcode SocketStream.close} are not handed on.
 */
export class SocketStream {
  /** Resolves with false if the socket was closed before it was ever open. */
  readonly opened: Promise<boolean>;
  /** Resolves when the socket is gone; never, as long as a peer ignores our close and keeps the line open. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    const opened = Promise.withResolvers<boolean>();
    const closed = Promise.withResolvers<void>();
    socket.onopen = () => opened.resolve(true);
    socket.onclose = () => {
      opened.resolve(false);
      closed.resolve();
    };
    this.opened = opened.promise;
    this.closed = closed.promise;
  }

  /** False as soon as either side has begun to close. */
  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Bytes that were handed over and are not yet with the kernel; 0 when the socket isn't open. */
  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  /** Hands over a text frame, whatever is buffered. */
  send(frame: string): void {
    this.#socket.send(frame);
  }

  /** Calls back for each frame while the socket is open. What the callback throws goes to `onError`. */
  listen(onFrame: (frame: Frame) => void, { onError }: { onError: (error: unknown) => void }): void {
    this.#socket.onmessage = ({ data }) => {
      if (!this.open) return;
      try {
        onFrame(data);
      } catch (error) {
        onError(error);
      }
    };
  }

  /** Closes after all that was sent before. */
  close({ code, reason }: Close): void {
    this.#socket.close(code, reason);
  }
}
