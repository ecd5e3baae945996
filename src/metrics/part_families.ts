/** The metrics of single parts of a node: of its process, its journal, its webhooks, and its limits. */

import { byLabel, counter, gauge, histogram, type MetricFamily } from "./metric_family.ts";
import type { Metrics } from "./metrics.ts";

export function processFamilies({ build, cpuSeconds, eventLoopLagSeconds }: Metrics): MetricFamily[] {
  return [
    gauge("build_info", "Always 1. The labels have the versions of Tidings and Deno.", [
      { value: 1, labels: { ...build } },
    ]),
    counter("cpu_seconds_total", "CPU time of the process in seconds, of all threads.", cpuSeconds.process),
    counter(
      "event_loop_cpu_seconds_total",
      "CPU time in seconds of the event loop's thread, which uses at most one core.",
      cpuSeconds.eventLoop,
    ),
    gauge(
      "event_loop_lag_seconds",
      "Longest delay of a timer in the last 15 to 30 seconds.",
      eventLoopLagSeconds,
    ),
  ];
}

export function journalFamilies({ journal, appends }: Metrics): MetricFamily[] {
  const { entries, bytes, oldestAgeSeconds, evicted } = journal;
  return [
    gauge("journal_entries", "Notifications and marks that the journal keeps.", entries),
    gauge("journal_bytes", "Bytes in the journal that count against TIDINGS_RETENTION_BYTES.", bytes.taken),
    gauge("journal_capacity_bytes", "Maximum bytes in the journal.", bytes.capacity),
    gauge("journal_oldest_age_seconds", "Age of the oldest entry in the journal.", oldestAgeSeconds),
    counter(
      "journal_evictions_total",
      "Entries that the journal has removed, by reason.",
      byLabel("reason", evicted),
    ),
    histogram("append_seconds", "Sampled time in which the journal stored a request.", appends),
  ];
}

export function webhookFamilies({ webhook: { backlog, attempts, lost } }: Metrics): MetricFamily[] {
  return [
    gauge("webhook_backlog", "Messages from browsers that the webhook has not received yet.", backlog.taken),
    gauge("webhook_backlog_capacity", "Maximum number of these messages.", backlog.capacity),
    counter(
      "webhook_attempts_total",
      "Attempts to deliver a message to the webhook, by outcome.",
      byLabel("outcome", attempts),
    ),
    counter("webhook_lost_total", "Messages from browsers that were given up or dropped.", lost),
  ];
}

export function presenceFamilies(
  { presence: { backlog, withoutRoom, attempts, lost } }: Metrics,
): MetricFamily[] {
  return [
    gauge(
      "presence_webhook_backlog",
      "Targets with presence events that the presence webhook has not received yet.",
      backlog,
    ),
    gauge(
      "presence_webhook_without_room",
      "Connected targets that the presence webhook is not told for lack of room.",
      withoutRoom,
    ),
    counter(
      "presence_webhook_attempts_total",
      "Attempts to deliver a presence event, by outcome.",
      byLabel("outcome", attempts),
    ),
    counter("presence_webhook_lost_total", "Presence events that were given up or dropped.", lost),
  ];
}

export function revocationFamilies({ revocations: { kept, bytes, effects } }: Metrics): MetricFamily[] {
  return [
    gauge("revocations", "Revocations of tokens that are kept.", kept),
    gauge("revocations_bytes", "Bytes that the revocations take.", bytes.taken),
    gauge("revocations_capacity_bytes", "Maximum bytes of all revocations.", bytes.capacity),
    counter(
      "revoked_total",
      "Requests refused and connections closed because of a revocation, by effect.",
      byLabel("effect", effects),
    ),
  ];
}

export function limitFamilies({ limited }: Metrics): MetricFamily[] {
  const samples = Object.entries(limited).flatMap(([limit, counts]) =>
    Object.entries(counts).map(([key, value]) => ({ value, labels: { limit, ...key !== "" && { key } } }))
  );
  return [
    counter("limited_total", "What limits of rates have refused or delayed, by limit and key.", samples),
  ];
}
