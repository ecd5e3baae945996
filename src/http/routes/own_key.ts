/** `GET /v1/key`: the name and the scopes of the key that the request has. */

import type { PublisherHandler } from "../auth/publisher.ts";

export function ownKey(): PublisherHandler {
  return function ownKey(c, { name, scopes }) {
    return c.json({ name, scopes }, 200, { "cache-control": "no-store" });
  };
}
