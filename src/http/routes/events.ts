/** `GET /v1/events`: opens a stream of Server-Sent Events, for networks that WebSockets do not get through. */

import type { Context, Handler } from "hono";
import type { Sessions } from "../../connection/sessions.ts";
import type { After } from "../../wire/position.ts";
import { type AdmitDeps, refuseIfFull, reserveSlot, type SubscriberEnv } from "../auth/admit.ts";
import { EVENT_STREAM_HEADERS } from "../event_stream_headers.ts";
import { parseAfter, parsePosition } from "../position_param.ts";

export interface EventsDeps extends AdmitDeps {
  readonly sessions: Pick<Sessions, "openEventStream">;
}

/** Behind `requireNewSubscriber`, refuses in this order: 400, 503, 429. */
export function events(deps: EventsDeps): Handler<SubscriberEnv> {
  return async function events(c) {
    const subscriber = c.get("subscriber");
    const after = readAfter(c);
    refuseIfFull(subscriber, deps);
    if (c.env.isHead) return c.body(null, 200, EVENT_STREAM_HEADERS);
    const slot = await reserveSlot(subscriber, deps);
    const stream = deps.sessions.openEventStream({ ...subscriber, after, slot }, c.env.completed);
    return c.body(stream, 200, EVENT_STREAM_HEADERS);
  };
}

/** An EventSource reconnects to the URL that it was created with, and Last-Event-ID contains its later position. */
function readAfter(c: Context): After {
  const after = parseAfter(c.req.query("after"));
  return parsePosition("Last-Event-ID", c.req.header("last-event-id")) ?? after;
}
