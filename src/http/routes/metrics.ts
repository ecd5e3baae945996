/** `GET /metrics`: the metrics of this node, for Prometheus. They reveal how many people use the service. */

import type { Metrics } from "../../metrics/metrics.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../../metrics/prometheus.ts";
import type { PublisherHandler } from "../auth/publisher.ts";

export function metrics(read: () => Promise<Metrics>): PublisherHandler {
  return async function metrics(c) {
    return c.body(prometheusText(await read()), 200, { "content-type": PROMETHEUS_TYPE });
  };
}
