/** A line to a browser, of either transport: what an attendance needs of it, and what it is told. */

import type { Close } from "../wire/close_codes.ts";
import type { TransportKind } from "../hub/connection.ts";
import type { FrameSink } from "./write_pump.ts";

export interface Transport extends FrameSink {
  readonly transport: TransportKind;
  /** Closes after all that was sent before. */
  close(close: Close): void;
}

/** What happens to a line. Each call is made on its own: what it throws is given to `failed`. */
export interface TransportEvents {
  /** Frames can be sent and, over a WebSocket, will come. */
  opened(): void;
  /** A frame came while the line was open: a string if it was a text frame. */
  received(frame: unknown): void;
  /** The line is gone: once, and last. Not at all while a peer ignores our close and keeps it open. */
  gone(): void;
  failed(error: unknown): void;
}
