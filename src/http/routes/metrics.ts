/** `GET /metrics`: this node's metrics, for Prometheus. They tell how much there is to do: only publishers get them. */

import type { Handler } from "hono";
import type { Metrics } from "../../metrics/metrics.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../../metrics/prometheus.ts";
import type { AuthorizePublisher } from "../auth/publisher.ts";

export function metrics(
  authorize: AuthorizePublisher,
  { read }: { readonly read: () => Promise<Metrics> },
): Handler {
  return async function metrics(c) {
    authorize(c.req.raw);
    return c.body(prometheusText(await read()), 200, { "content-type": PROMETHEUS_TYPE });
  };
}
