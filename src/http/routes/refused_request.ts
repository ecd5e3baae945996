/** What the log shows of a request that a route has refused. */

import type { Context } from "hono";
import { routePath } from "hono/route";
import type { Keyring } from "../auth/keyring.ts";
import { findKeyAnywhere } from "../auth/publisher_key.ts";
import type { RefusedRequest } from "../record_refusal.ts";

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
