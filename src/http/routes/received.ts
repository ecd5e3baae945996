/** `POST /v1/received`: what a browser would send over its WebSocket, from one that has none. */

import type { Handler } from "hono";
import { parseAs, parseJson, ReceivedRequest } from "../../wire/protocol.ts";
import { type IdentifyDeps, identifySubscriber } from "../auth/admit.ts";
import { readBody } from "../read_body.ts";

/** What the route is made of. */
export interface ReceivedDeps extends IdentifyDeps {
  /** Takes what a browser of the target sent. Rejects with a problem: `not-found`, `too-many-requests`, `unavailable`. */
  readonly receive: (target: string, request: ReceivedRequest) => Promise<void>;
}

const MAX_BYTES = 64 * 1024; // as of a frame

/** Refuses in this order: 403, 401, 400, 413, 400, 422, 404, 429, 503. */
export function received(deps: ReceivedDeps): Handler {
  return async function received(c) {
    const { target } = await identifySubscriber(c, deps);
    const body = parseJson(await readBody(c.req.raw, MAX_BYTES));
    await deps.receive(target, parseAs(ReceivedRequest, body));
    return c.body(null, 204);
  };
}
