/** A transport: one connection to the server, over a WebSocket or as an event stream. */

import type { Address } from "./address.ts";
import type { ConnectionEnd } from "./connection_end.ts";
import type { Watchdog } from "./watchdog.ts";

/** What a transport needs. */
export interface ClientTransportDeps {
  readonly address: Address;
  readonly token: string | undefined;
  /** The position to resume after; null: only what is sent from now on. */
  readonly after: string | null;
  /** Returns the server's id of the connection, once there is a welcome. */
  readonly connectionId: () => string;
  /** Receives each frame: the JSON text of an array of messages. */
  readonly onFrame: (frame: string) => void;
  /** Receives each ack that was sent, and may not have arrived when the connection ends. */
  readonly onLost: (ack: string) => void;
}

/**
 * What became of a frame. 0: the server has it. More: the server has not taken it, and takes nothing for so many
 * milliseconds. undefined: nobody knows.
 */
export type SendOutcome = number | undefined;

export interface ClientTransport {
  /** Resolves when the connection ends. Never rejects. */
  readonly ended: Promise<ConnectionEnd>;
  /** Resolves when no socket and no request is open any more. */
  readonly closed: Promise<unknown>;
  /** True once a frame has arrived, which proves that the network lets this transport through. */
  readonly hasOpened: boolean;
  /** Sends messages of up to 64 KiB. Rejects if the server will never take them. */
  send(messages: readonly string[]): Promise<SendOutcome>;
  /** Sends an ack of up to 64 KiB. */
  ack(message: string): SendOutcome | Promise<SendOutcome>;
  /** The server has answered a frame: with a pong or a refusal that is final (0), or with one that will pass. */
  onAnswer?(receipt: number): void;
  /** Finds out whether the connection is alive. */
  readonly watchdog: Watchdog;
  close(reason?: string): void;
}

/** Asks the server for a pong. */
export const PING = '{"type":"ping"}';
