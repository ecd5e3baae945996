/** MetricFamily: a metric with its samples, as Prometheus sees it. */

import { type Latency, LATENCY_BOUNDS_MS } from "./metrics.ts";

/** One metric with its samples. The name has no prefix. */
export interface MetricFamily {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly value: number;
  /** The names and values are words and numbers of this project, and need no escaping. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Follows the name, for example `_bucket`. */
  readonly suffix?: string;
}

export function gauge(name: string, help: string, value: number | readonly Sample[]): MetricFamily {
  return { name, type: "gauge", help, samples: typeof value === "number" ? [{ value }] : value };
}

export function counter(name: string, help: string, value: number | readonly Sample[]): MetricFamily {
  return { ...gauge(name, help, value), type: "counter" };
}

export function histogram(name: string, help: string, latency: Latency): MetricFamily {
  return { name, type: "histogram", help, samples: histogramSamples(latency) };
}

export function byLabel(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([key, value]) => ({ value, labels: { [label]: key } }));
}

/** Prometheus's buckets are cumulative: each one includes all buckets before it. */
function histogramSamples({ counts, sumMs }: Latency): Sample[] {
  let value = 0;
  const samples = counts.map((count, index) => {
    const bound = LATENCY_BOUNDS_MS[index];
    value += count;
    return { suffix: "_bucket", labels: { le: bound === undefined ? "+Inf" : `${bound / 1000}` }, value };
  });
  return [...samples, { suffix: "_sum", value: sumMs / 1000 }, { suffix: "_count", value }];
}
