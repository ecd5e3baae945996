/** `GET /metrics`: the metrics of this node, for Prometheus. They reveal how many people use the service. */

import type { Handler } from "hono";
import type { Metrics } from "../../metrics/metrics.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../../metrics/prometheus.ts";

export function metrics(source: { read(): Promise<Metrics> }): Handler {
  return async function metrics(c) {
    return c.body(prometheusText(await source.read()), 200, { "content-type": PROMETHEUS_TYPE });
  };
}
