/** Closes a WebSocket when its peer has stopped sending, so that the peer sees why. */

import { CLOSE, type Close } from "../wire/close_codes.ts";

/** What closes a peer that is likely to be sending: because of what it sends, or because publishers do. */
const WHILE_SENDING = new Set<Close>([
  CLOSE.tooBig,
  CLOSE.protocolViolation,
  CLOSE.tooManyFrames,
  CLOSE.tooMuchUnanswered,
  CLOSE.publishersRestart,
]);

const PAUSE_MS = 50;
// A peer that never stops is closed all the same, within the time that a stop of the node has for closes.
const MAX_PAUSES = 10;
const MAX_LENGTH = 4 * 1024 * 1024;

export function waitsForPause(close: Close): boolean {
  return WHILE_SENDING.has(close);
}

/**
 * After our close, Deno drops the connection on the first frame that is no close. The kernel then resets it because of
 * what has arrived since, and many clients lose the close code with that. So such a peer is heard out first, and nothing
 * of that is taken.
 */
export class PausedClose {
  readonly #timer: ReturnType<typeof setInterval>;
  #frames = 0;
  #length = 0;
  #pauses = 0;

  constructor(socket: Pick<WebSocket, "close">, { code, reason }: Close) {
    this.#timer = setInterval(() => {
      const isOver = this.#frames === 0 || ++this.#pauses === MAX_PAUSES || this.#length > MAX_LENGTH;
      this.#frames = 0;
      if (!isOver) return;
      this.cancel();
      socket.close(code, reason);
    }, PAUSE_MS);
  }

  /** The peer is still sending. */
  onFrame(frame: unknown): void {
    this.#frames++;
    this.#length += frame instanceof ArrayBuffer ? frame.byteLength : String(frame).length;
  }

  /** The connection is gone. */
  cancel(): void {
    clearInterval(this.#timer);
  }
}
