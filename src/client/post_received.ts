/** Posts to the server what a WebSocket would send. */

import { requestInit, urlOf } from "./address.ts";
import { type ConnectionEnd, messageOf, parseRefusal } from "./connection_end.ts";
import { byteLength } from "./byte_length.ts";
import { MAX_KEPT_ALIVE_BYTES } from "./limits.ts";
import type { ClientTransportDeps } from "./transport.ts";
import { within } from "./within.ts";

let bytesUnderWay = 0; // of all connections of this page

/**
 * Resolves with null if the server has taken the messages, or else with why not, if that is known. `keepalive`
 * lets the request finish after the user has left the page. Without a `content-type`, a browser has one question less.
 */
export async function postReceived(
  { address, token, connectionId }: ClientTransportDeps,
  messages: readonly string[],
): Promise<ConnectionEnd | null> {
  const body = `{"connection":${JSON.stringify(connectionId())},"messages":[${messages}]}`;
  const bytes = byteLength(body);
  const keepalive = (bytesUnderWay += bytes) <= MAX_KEPT_ALIVE_BYTES;
  return await within(async (signal) => {
    const options = { ...requestInit(token), signal, method: "POST", keepalive, body };
    const response = await fetch(urlOf(address, "received"), options);
    return response.ok ? null : await parseRefusal(response);
  }).catch((error) => ({ reason: messageOf(error) })).finally(() => bytesUnderWay -= bytes);
}
