/** A connection: the server's record of one open tab or device, as the hub holds it. */

import type { Close } from "../wire/close_codes.ts";
import type { Outbox } from "./outbox.ts";

/** How a browser gets its stream: over a WebSocket or as Server-Sent Events. */
export type TransportKind = "websocket" | "sse";

export interface Connection {
  readonly id: string;
  readonly target: string;
  readonly transport: TransportKind;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly outbox: Outbox;
  readonly pump: Pump;
}

/** What the hub, and who asks it for connections, may ask of a write pump. */
export interface Pump {
  /** There is something in the outbox, or it has fallen behind: once a turn at most. */
  flush(): void;
  /** Sends all that waits, here or in the journal, then closes. Resolves when it is handed over. */
  finish(close: Close): Promise<void>;
}
