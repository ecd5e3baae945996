/** `GET /v1/events`: the stream of a connection as Server-Sent Events, for where WebSockets do not get through. */

import type { Context, Handler } from "hono";
import type { Sessions } from "../../connection/sessions.ts";
import type { Position } from "../../wire/position.ts";
import {
  type AdmitDeps,
  authenticateSubscriber,
  parsePosition,
  refuseIfFull,
  reserveSlot,
} from "../auth/admit.ts";
import { EVENT_STREAM_HEADERS } from "../event_stream_headers.ts";

/** What the route is made of. */
export interface EventsDeps extends AdmitDeps {
  readonly sessions: Pick<Sessions, "openEventStream">;
}

/** Refuses in this order: 503, 403, 401, 400, 429. */
export function events(deps: EventsDeps): Handler {
  return async function events(c) {
    const subscriber = await authenticateSubscriber(c, deps);
    const after = afterOf(c);
    refuseIfFull(subscriber, deps);
    if (c.req.raw.method === "HEAD") return c.body(null, 200, EVENT_STREAM_HEADERS); // nobody would read the stream, or end it
    const slot = await reserveSlot(subscriber, deps);
    const { completed }: Pick<Deno.ServeHandlerInfo, "completed"> = c.env;
    return c.body(
      deps.sessions.openEventStream({ ...subscriber, after, slot }, completed),
      200,
      EVENT_STREAM_HEADERS,
    );
  };
}

/** An EventSource that comes back asks for the same URL as before, and says in the header how far it got since. */
function afterOf(c: Context): Position | null {
  const after = parsePosition("after", c.req.query("after"));
  return parsePosition("Last-Event-ID", c.req.header("last-event-id")) ?? after;
}
