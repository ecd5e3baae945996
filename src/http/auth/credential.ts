/** Finds the token in a request, in any of the places where browsers can put one. */

import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { parseSubprotocols } from "../subprotocol.ts";

/** A token, and its place in the request. Further checks depend on the place. */
export interface Credential {
  readonly jwt: string;
  readonly from: "header" | "subprotocol" | "cookie" | "query";
}

export const SUBPROTOCOL = "tidings.v1";
const TOKEN_SUBPROTOCOL = "tidings.bearer.";

/** The first token of the header, a subprotocol, the cookie and the query, in this order. Null if there is none. */
export function findCredential(c: Context): Credential | null {
  const [, inHeader] = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
  if (inHeader !== undefined) return { jwt: inHeader, from: "header" };
  const subprotocol = parseSubprotocols(c.req.raw).find((name) => name.startsWith(TOKEN_SUBPROTOCOL));
  if (subprotocol !== undefined) {
    return { jwt: subprotocol.slice(TOKEN_SUBPROTOCOL.length), from: "subprotocol" };
  }
  const cookie = getCookie(c, "tidings_token");
  if (cookie !== undefined) return { jwt: cookie, from: "cookie" };
  const inQuery = c.req.query("access_token");
  return inQuery === undefined ? null : { jwt: inQuery, from: "query" };
}
