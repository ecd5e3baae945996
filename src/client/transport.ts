/** A line to the server: what the transports have in common. */

import type { Address } from "./address.ts";
import type { End } from "./end.ts";

/** What a line is opened with. */
export interface ClientTransportDeps {
  readonly address: Address;
  readonly token: string | undefined;
  readonly after: string | null;
  /** Told of each frame: the text of an array of messages. */
  readonly take: (frame: string) => void;
}

export interface ClientTransport {
  /** Resolves when it is over; never rejects. */
  readonly ended: Promise<End>;
  /** Resolves when nothing of it is left. */
  readonly gone: Promise<unknown>;
  /** True once a frame has come: it gets through. */
  readonly worked: boolean;
  /** Hands over messages, up to 64 KiB. Resolves with how long nothing more may be sent. */
  send(messages: readonly string[], connection: string): Promise<number>;
  close(reason?: string): void;
}

/** A line that brings no welcome for so long does not get through. */
export const WELCOME_MS = 10_000;
