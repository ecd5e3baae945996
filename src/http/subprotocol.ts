/** The subprotocols of a WebSocket: which ones a request offers, and which one the response names. */

import type { Context } from "hono";
import { Problem } from "../wire/problem.ts";
import { parseList } from "./header_list.ts";

/** The subprotocols that a WebSocket request offers. */
export function parseSubprotocols({ headers }: Request): string[] {
  return parseList(headers.get("sec-websocket-protocol"));
}

/**
 * Returns the subprotocol of the response. Undefined if the request offers none.
 *
 * @throws {Problem} `bad-request` if it offers only others
 */
export function chooseSubprotocol(c: Context, supported: string): string | undefined {
  const offered = parseSubprotocols(c.req.raw);
  if (offered.length === 0) return undefined;
  if (offered.includes(supported)) return supported;
  throw new Problem("bad-request", `the offered subprotocols must include ${supported}`);
}
