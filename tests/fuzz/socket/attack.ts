/** An attack on a socket: what is sent over one TCP connection, as JSON, so that it can be kept in a file. */

import type { Credential } from "../service/secrets.ts";

export interface Attack {
  readonly opening: Opening;
  /** What follows, in this order. */
  readonly steps: readonly Step[];
  /** How the connection ends: with a FIN, or without waiting for anything. */
  readonly end: "fin" | "at once";
}

/** The request: an upgrade with some headers replaced (null: left out), or text that may be no HTTP at all. */
export type Opening =
  | {
    readonly route: "/v1/connect" | "/v1/publish" | "/v1/events";
    readonly query: string;
    readonly credential: Credential;
    readonly headers: Readonly<Record<string, string | null>>;
  }
  | { readonly text: string };

export type Step =
  /** A frame of RFC 6455, section 5.2. `claims` is what its header says instead of its length. */
  | {
    readonly do: "frame";
    readonly opcode: number;
    readonly fin: boolean;
    readonly rsv: number;
    readonly isMasked: boolean;
    readonly lengthBytes: 0 | 2 | 8 | null;
    readonly claims: number | null;
    readonly payload: Payload;
  }
  /** Several frames of one message. */
  | { readonly do: "fragments"; readonly payload: Payload; readonly sizes: readonly number[] }
  | { readonly do: "bytes"; readonly hex: string }
  /** The same text so many times, each in a frame. */
  | { readonly do: "burst"; readonly text: string; readonly count: number };

export type Payload = { readonly text: string } | { readonly hex: string };

/** A WebSocket that must be accepted: nothing in the request is changed. */
export function isRight(opening: Opening): boolean {
  if (!("route" in opening) || opening.route === "/v1/events") return false;
  const right = opening.route === "/v1/publish" ? "all" : "token";
  return opening.credential === right && opening.query === "" && Object.keys(opening.headers).length === 0;
}
