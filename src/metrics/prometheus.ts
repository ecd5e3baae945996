/** Metrics in the text format of Prometheus, version 0.0.4. */

import { type Latency, LATENCY_BOUNDS_MS, type Metrics } from "./metrics.ts";

/** One metric: its name without the prefix, and its samples. */
interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly value: number;
  /** Of names and values that need no escaping: they are this project's own words and numbers. */
  readonly labels?: Readonly<Record<string, string>>;
  /** After the name: `_bucket`. */
  readonly suffix?: string;
}

export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export function prometheusText(metrics: Metrics): string {
  return [...now(metrics), ...counted(metrics)].map(textOf).join("");
}

function now(metrics: Metrics): Family[] {
  const { connections, targets, behind, seats, feed, outbox, waitingBytes, memoryBytes, startedAt } = metrics;
  return [
    gauge("connections", "Connections, by transport.", by("transport", connections)),
    gauge("targets", "Targets that have connections.", targets),
    gauge("connections_behind", "Connections that read the journal.", behind),
    gauge("seats_taken", "Seats taken, also by sockets that are still closing.", seats.taken),
    gauge("seats", "Seats there are.", seats.capacity),
    gauge("feed_notifications", "Notifications between the journal and the hub.", feed.taken),
    gauge("feed_capacity", "Notifications there may be between the journal and the hub.", feed.capacity),
    gauge("outbox_fullest_bytes", "Bytes in the fullest outbox.", outbox.taken),
    gauge("outbox_capacity_bytes", "Bytes that an outbox may have.", outbox.capacity),
    gauge("outboxes_bytes", "Bytes in all outboxes together.", waitingBytes),
    gauge("memory_bytes", "Resident memory of the process.", memoryBytes),
    gauge("start_time_seconds", "When the node started, in seconds since 1970.", startedAt / 1000),
  ];
}

function counted({ accepted, delivered, latency, fellBehind, ended, refused, failures }: Metrics): Family[] {
  return [
    counter("notifications_total", "Notifications accepted, each once for each of its targets.", accepted),
    counter("deliveries_total", "Notifications handed to a socket, once for each connection.", delivered),
    {
      name: "delivery_seconds",
      type: "histogram",
      help: "Time from being accepted to being handed to the socket, by samples.",
      samples: buckets(latency),
    },
    counter("fell_behind_total", "How often a live connection fell behind.", fellBehind),
    counter("connections_ended_total", "Connections that ended, by close code.", by("code", ended)),
    counter("refused_total", "Requests that were refused, by status.", by("status", refused)),
    counter("failures_total", "Failures, of the journal and others.", by("of", failures)),
  ];
}

function gauge(name: string, help: string, value: number | readonly Sample[]): Family {
  return { name, type: "gauge", help, samples: typeof value === "number" ? [{ value }] : value };
}

function counter(name: string, help: string, value: number | readonly Sample[]): Family {
  return { ...gauge(name, help, value), type: "counter" };
}

function by(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([key, value]) => ({ value, labels: { [label]: key } }));
}

/** Each bucket has what is in those before it too. */
function buckets({ counts, sumMs }: Latency): Sample[] {
  let value = 0;
  const samples = counts.map((count, index) => {
    const bound = LATENCY_BOUNDS_MS[index];
    value += count;
    return { suffix: "_bucket", labels: { le: bound === undefined ? "+Inf" : `${bound / 1000}` }, value };
  });
  return [...samples, { suffix: "_sum", value: sumMs / 1000 }, { suffix: "_count", value }];
}

function textOf({ name, type, help, samples }: Family): string {
  const lines = samples.map(({ suffix = "", labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`).join(",");
    return `tidings_${name}${suffix}${pairs === "" ? "" : `{${pairs}}`} ${value}`;
  });
  return [`# HELP tidings_${name} ${help}`, `# TYPE tidings_${name} ${type}`, ...lines, ""].join("\n");
}
