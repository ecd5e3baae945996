/** The read pump: the only reader of a socket. It ends with the socket, or at the first frame that isn't allowed. */

import { Buffer } from "node:buffer";
import { CLOSE, type Close } from "../wire/close_codes.ts";
import { Problem } from "../wire/problem.ts";
import type { BrowserMessage, ServerMessage } from "../wire/protocol.ts";
import { TokenBucket } from "./token_bucket.ts";
import type { MessageReader } from "./received.ts";

/** Where a read pump takes the frames to. */
export interface ReadPumpDeps {
  readonly session: MessageReader;
  readonly pump: { tell(message: ServerMessage): void };
  end(close: Close): void;
}

const MAX_FRAME_BYTES = 64 * 1024; // Deno itself lets through 64 MiB a frame, and more if it is fragmented

export class ReadPump {
  readonly #parts: ReadPumpDeps;
  readonly #allowance: TokenBucket;

  constructor(parts: ReadPumpDeps, allowance: TokenBucket = new TokenBucket()) {
    this.#parts = parts;
    this.#allowance = allowance;
  }

  /** Takes a frame: a string if it was a text frame. */
  take(frame: unknown): void {
    if (this.#allowance.take() > 0) return this.#parts.end(CLOSE.tooManyFrames);
    if (typeof frame !== "string") return this.#parts.end(CLOSE.protocolViolation);
    if (Buffer.byteLength(frame) > MAX_FRAME_BYTES) return this.#parts.end(CLOSE.tooBig);
    try {
      this.#parts.session.take(frame);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#parts.pump.tell({ type: "error", problem });
    }
  }

  /**
   * Takes what was posted beside the socket, or instead of one, as if it were a frame.
   *
   * @throws {Problem} `too-many-requests`, or `unavailable`
   */
  takePosted(messages: readonly BrowserMessage[]): void {
    const waitMs = this.#allowance.take();
    if (waitMs === 0) return this.#parts.session.takeAll(messages);
    throw new Problem("too-many-requests", "a connection may send 50 times at once, then 10 times a second", {
      headers: { "retry-after": String(Math.ceil(waitMs / 1000)) },
    });
  }
}
