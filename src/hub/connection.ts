/** A connection: the server's record of one open tab or device, as the hub holds it. */

import type { Close } from "../wire/close_codes.ts";
import type { TransportKind } from "../wire/transport_kind.ts";
import type { Outbox } from "./outbox.ts";

export interface Connection {
  readonly id: string;
  readonly target: string;
  readonly transport: TransportKind;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly outbox: Outbox;
  readonly pump: Pump;
}

/** The part of a write pump that the hub calls, and that the hub's queries give access to. */
export interface Pump {
  /** Called at most once a turn, when the outbox has notifications or has fallen behind. */
  flush(): void;
  /** Sends everything that waits in the outbox or in the journal, then closes. Resolves when it has closed. */
  finish(close: Close): Promise<void>;
}
