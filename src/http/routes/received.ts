/** `POST /v1/received`: takes the messages that a browser without a WebSocket sends beside its event stream. */

import type { Handler } from "hono";
import { Problem, unavailable } from "../../wire/problem.ts";
import { parseAs, parseJson, ReceivedRequest } from "../../wire/protocol.ts";
import type { SubscriberEnv } from "../auth/admit.ts";
import { readSubscriberBody, type SubscriberBodyDeps } from "../auth/subscriber_body.ts";

export interface ReceivedDeps extends SubscriberBodyDeps {
  /**
   * Takes the messages of a browser of the target. Rejects with a problem: `not-found`, `too-many-requests` or
   * `unavailable`.
   */
  readonly receive: (target: string, request: ReceivedRequest) => Promise<void>;
  readonly isDraining: () => boolean;
}

const MAX_BYTES = 64 * 1024; // the limit of a frame

/** Behind `requireSubscriber`, refuses in this order: 415, 413, 408, 400, 401, 422, 404, 429, 503. */
export function received({ receive, isDraining, ...deps }: ReceivedDeps): Handler<SubscriberEnv> {
  return async function received(c) {
    const { target } = c.get("subscriber");
    const text = await readSubscriberBody(c, { ...deps, maxBytes: MAX_BYTES });
    try {
      await receive(target, parseAs(ReceivedRequest, parseJson(text)));
    } catch (error) {
      throw isDraining() && isNotFound(error) ? unavailable("this node is stopping: send it again") : error;
    }
    return c.body(null, 204);
  };
}

/** A node that stops closes its connections, so the client is not at fault if its connection is gone. */
function isNotFound(error: unknown): boolean {
  return error instanceof Problem && error.kind === "not-found";
}
