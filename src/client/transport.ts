/** A transport: one connection to the server, over a WebSocket or as an event stream. */

import type { Address } from "./address.ts";
import type { ConnectionEnd } from "./connection_end.ts";

/** What a transport needs. */
export interface ClientTransportDeps {
  readonly address: Address;
  readonly token: string | undefined;
  /** The position to resume after; null: only what is sent from now on. */
  readonly after: string | null;
  /** Receives each frame: the JSON text of an array of messages. */
  readonly onFrame: (frame: string) => void;
}

export interface ClientTransport {
  /** Resolves when the connection ends. Never rejects. */
  readonly ended: Promise<ConnectionEnd>;
  /** Resolves when no socket and no request is open any more. */
  readonly closed: Promise<unknown>;
  /** True once a frame has arrived, which proves that the network lets this transport through. */
  readonly hasOpened: boolean;
  /** Sends messages of up to 64 KiB. Resolves with the time during which nothing more may be sent. */
  send(messages: readonly string[], connection: string): Promise<number>;
  close(reason?: string): void;
}

/** A transport without a welcome for this long counts as blocked. */
export const WELCOME_MS = 10_000;
/** An event stream that is silent for this long counts as dead: the server writes to it every 15 seconds. */
export const SILENT_MS = 45_000;
