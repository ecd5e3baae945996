/** The read pump: the only reader of a socket. It ends with the socket, or at the first frame that isn't allowed. */

import { Buffer } from "node:buffer";
import { CLOSE, type Close } from "../close_codes.ts";
import { Problem } from "../problem.ts";
import type { ServerMessage } from "../protocol.ts";
import type { Session } from "./session.ts";

/** Where a read pump takes the frames to. */
export interface ReadPumpParts {
  readonly session: Session;
  readonly pump: { tell(message: ServerMessage): void };
  end(close: Close): void;
}

const MOST_FRAME_BYTES = 64 * 1024; // Deno itself lets through 64 MiB a frame, and more if it is fragmented
const BURST = 50;
const FRAMES_PER_MS = 10 / 1000;

const monotonic = () => performance.now(); // one for all: a closure of its own would cost each 56 bytes

export class ReadPump {
  readonly #parts: ReadPumpParts;
  readonly #now: () => number;
  #allowance = BURST;
  #countedAt: number;

  /** @param now milliseconds on a clock that never jumps */
  constructor(parts: ReadPumpParts, now: () => number = monotonic) {
    this.#parts = parts;
    this.#now = now;
    this.#countedAt = now();
  }

  /** Takes a frame: a string if it was a text frame. */
  take(frame: unknown): void {
    if (!this.#isAllowed()) return this.#parts.end(CLOSE.tooManyFrames);
    if (typeof frame !== "string") return this.#parts.end(CLOSE.protocolViolation);
    if (Buffer.byteLength(frame) > MOST_FRAME_BYTES) return this.#parts.end(CLOSE.tooBig);
    try {
      this.#parts.session.take(frame);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#parts.pump.tell({ type: "error", problem });
    }
  }

  /** A token bucket: a frame takes one, and time fills it again. */
  #isAllowed(): boolean {
    const now = this.#now();
    this.#allowance = Math.min(BURST, this.#allowance + (now - this.#countedAt) * FRAMES_PER_MS) - 1;
    this.#countedAt = now;
    return this.#allowance >= 0;
  }
}
