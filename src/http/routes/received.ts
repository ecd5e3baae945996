/** `POST /v1/received`: takes the messages that a browser without a WebSocket sends beside its event stream. */

import type { Handler } from "hono";
import { parseAs, parseJson, ReceivedRequest } from "../../wire/protocol.ts";
import type { SubscriberEnv } from "../auth/admit.ts";
import { readBody } from "../read_body.ts";

export interface ReceivedDeps {
  /**
   * Takes the messages of a browser of the target. Rejects with a problem: `not-found`, `too-many-requests` or
   * `unavailable`.
   */
  readonly receive: (target: string, request: ReceivedRequest) => Promise<void>;
}

const MAX_BYTES = 64 * 1024; // the limit of a frame

/** Behind `requireSubscriber`, refuses in this order: 413, 400, 422, 404, 429, 503. */
export function received({ receive }: ReceivedDeps): Handler<SubscriberEnv> {
  return async function received(c) {
    const body = parseJson(await readBody(c.req.raw, MAX_BYTES));
    await receive(c.get("subscriber").target, parseAs(ReceivedRequest, body));
    return c.body(null, 204);
  };
}
