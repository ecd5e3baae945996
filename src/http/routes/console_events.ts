/** `GET /console/events`: the metrics of all nodes as Server-Sent Events, for the console. */

import { unavailable } from "../../wire/problem.ts";
import type { HeadEnv } from "../answer_head.ts";
import type { PublisherHandler } from "../auth/publisher.ts";
import { EVENT_STREAM_HEADERS } from "../event_stream_headers.ts";
import type { MetricsBroadcast } from "../metrics_broadcast.ts";

export function consoleEvents(
  { broadcast, isDraining }: { readonly broadcast: MetricsBroadcast; readonly isDraining: () => boolean },
): PublisherHandler<HeadEnv> {
  return function consoleEvents(c) {
    if (isDraining()) throw unavailable("this node is stopping");
    if (broadcast.isFull) throw unavailable("too many consoles are open on this node", { seconds: 5 });
    if (c.env.isHead) return c.body(null, 200, EVENT_STREAM_HEADERS);
    return c.body(broadcast.open(), 200, EVENT_STREAM_HEADERS);
  };
}
