/** A transport: what a session needs of a WebSocket or an event stream, and what it is notified of. */

import type { Close } from "../wire/close_codes.ts";
import type { TransportKind } from "../wire/transport_kind.ts";
import type { FrameSink } from "./write_pump.ts";

export interface Transport extends FrameSink {
  readonly kind: TransportKind;
  /** Closes after everything that was sent before. */
  close(close: Close): void;
}

/** Receives the events of a transport. If a callback throws, the transport passes the error to `onError`. */
export interface TransportListener {
  /** Frames can be sent from now on and, over a WebSocket, will be received. */
  onOpen(): void;
  /** Called with each frame that arrives while the transport is open. A text frame is a string. */
  onFrame(frame: unknown): void;
  /** Called once, as the last event, when the transport is gone. A peer that ignores our close delays it forever. */
  onClose(): void;
  onError(error: unknown): void;
}
