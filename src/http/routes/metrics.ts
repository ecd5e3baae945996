/** `GET /metrics`: this node's metrics, for Prometheus. They tell how much there is to do: only publishers get them. */

import type { Handler } from "hono";
import type { Metrics } from "../../metrics/metrics.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../../metrics/prometheus.ts";

export function metrics(measured: { read(): Promise<Metrics> }): Handler {
  return async function metrics(c) {
    return c.body(prometheusText(await measured.read()), 200, { "content-type": PROMETHEUS_TYPE });
  };
}
