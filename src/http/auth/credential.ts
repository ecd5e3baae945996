/** Finds the token that a subscriber shows, wherever browsers can put one. */

import type { Context } from "hono";
import { getCookie } from "hono/cookie";

/** A token, and where it was: the place decides what else must be true of the request. */
export interface Credential {
  readonly jwt: string;
  readonly from: "header" | "subprotocol" | "cookie" | "query";
}

export const SUBPROTOCOL = "tidings.v1";
const TOKEN_SUBPROTOCOL = "tidings.bearer.";

/** The subprotocols that a WebSocket request offers. */
export function subprotocolsOf(c: Context): string[] {
  return (c.req.header("sec-websocket-protocol") ?? "").split(",").map((one) => one.trim()).filter((one) =>
    one !== ""
  );
}

/** The first token there is: in the header, a subprotocol, the cookie or the query. Null: none. */
export function credentialOf(c: Context): Credential | null {
  const [, inHeader] = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
  if (inHeader !== undefined) return { jwt: inHeader, from: "header" };
  const subprotocol = subprotocolsOf(c).find((one) => one.startsWith(TOKEN_SUBPROTOCOL));
  if (subprotocol !== undefined) {
    return { jwt: subprotocol.slice(TOKEN_SUBPROTOCOL.length), from: "subprotocol" };
  }
  const cookie = getCookie(c, "tidings_token");
  if (cookie !== undefined) return { jwt: cookie, from: "cookie" };
  const inQuery = c.req.query("access_token");
  return inQuery === undefined ? null : { jwt: inQuery, from: "query" };
}
