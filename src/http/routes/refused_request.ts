/** What the log shows of a request that a route has refused. */

import type { Context } from "hono";
import { routePath } from "hono/route";
import type { Keyring } from "../auth/keyring.ts";
import { findKeyAnywhere } from "../auth/publisher_key.ts";
import { exchangeOf } from "../exchange.ts";
import type { RefusedRequest } from "../record_refusal.ts";

/** What {@linkcode refusedRequest} returns, of a request that is answered with the refusal. */
export function endedRequest(c: Context, keyring: Keyring): RefusedRequest {
  return { ...refusedRequest(c, keyring), exchange: exchangeOf(c.env) };
}

/** The name of the key is looked up again, because passing it on would cost every request that is accepted. */
export function refusedRequest(c: Context, keyring: Keyring): RefusedRequest {
  const { method, headers } = c.req.raw, key = findKeyAnywhere(c.req.raw);
  return {
    method,
    route: routePath(c),
    origin: headers.get("origin") ?? undefined,
    key: key === undefined ? undefined : keyring.find(key)?.name,
  };
}
