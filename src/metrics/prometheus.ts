/** Formats metrics in Prometheus's text format, version 0.0.4. */

import { byLabel, counter, gauge, histogram, type MetricFamily } from "./metric_family.ts";
import type { Metrics } from "./metrics.ts";
import {
  journalFamilies,
  limitFamilies,
  presenceFamilies,
  processFamilies,
  revocationFamilies,
  webhookFamilies,
} from "./part_families.ts";

export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export function prometheusText(metrics: Metrics): string {
  return [
    ...gauges(metrics),
    ...counters(metrics),
    ...processFamilies(metrics),
    ...journalFamilies(metrics),
    ...webhookFamilies(metrics),
    ...presenceFamilies(metrics),
    ...revocationFamilies(metrics),
    ...limitFamilies(metrics),
  ].map(format).join("");
}

function gauges(metrics: Metrics): MetricFamily[] {
  const { connections, targets, behind, slots, feed, outbox, waitingBytes, memoryBytes, startedAt } = metrics;
  const { publisherSlots, outboxTable, scheduled } = metrics;
  return [
    gauge("connections", "Open connections, by transport.", byLabel("transport", connections)),
    gauge("targets", "Targets that have connections.", targets),
    gauge("connections_behind", "Connections that read the journal because they are behind.", behind),
    gauge(
      "seats_taken",
      "Connection slots in use, including sockets that are still closing.",
      slots.taken,
    ),
    gauge("seats", "Connection slots in total.", slots.capacity),
    gauge(
      "publisher_sockets",
      "WebSockets of publishers, including those that are still closing.",
      publisherSlots.taken,
    ),
    gauge("publisher_sockets_capacity", "Maximum number of publishers' WebSockets.", publisherSlots.capacity),
    gauge("feed_notifications", "Notifications queued between the journal and the hub.", feed.taken),
    gauge("feed_capacity", "Capacity of the queue between the journal and the hub.", feed.capacity),
    gauge("outbox_fullest_bytes", "Bytes in the fullest outbox.", outbox.taken),
    gauge("outbox_capacity_bytes", "Maximum bytes in one outbox.", outbox.capacity),
    gauge("outboxes_bytes", "Bytes in all outboxes together.", waitingBytes),
    gauge(
      "outbox_table_is_read",
      "Whether the outbox table can be read (1) or not (0).",
      outboxTable === null ? [] : [{ value: outboxTable.isRead ? 1 : 0 }],
    ),
    gauge(
      "outbox_table_oldest_seconds",
      "Age of the oldest row that waited when the outbox table was last read, in seconds.",
      outboxTable === null ? [] : [{ value: outboxTable.oldestSeconds }],
    ),
    gauge("scheduled", "What waits until it is due, by kind.", byLabel("kind", scheduled)),
    gauge("memory_bytes", "Resident memory of the process in bytes.", memoryBytes),
    gauge("start_time_seconds", "Start time of the node in seconds since 1970.", startedAt / 1000),
  ];
}

function counters(metrics: Metrics): MetricFamily[] {
  const { accepted, delivered, latency, fellBehind, ended, refused, sheds, failures } = metrics;
  const { damagedRows, marks, pushes, outboxTable } = metrics;
  return [
    counter("notifications_total", "Notifications accepted, counted once for each target.", accepted),
    counter(
      "accepted_total",
      "Accepted notifications by source, counted once for each target.",
      byLabel("source", metrics.acceptedFrom),
    ),
    counter(
      "deliveries_total",
      "Notifications sent to sockets, counted once for each connection.",
      delivered,
    ),
    histogram(
      "delivery_seconds",
      "Sampled time from accepting a notification to sending it to a socket.",
      latency,
    ),
    counter("marks_total", "Changes of what targets have read.", marks),
    counter("pushes_total", "Attempts to push to a device, by outcome.", byLabel("outcome", pushes)),
    counter(
      "outbox_table_rows_total",
      "Rows of the outbox table that were settled, by outcome.",
      byLabel("outcome", outboxTable?.rows ?? {}),
    ),
    counter("fell_behind_total", "How often a live connection fell behind.", fellBehind),
    counter("connections_ended_total", "Closed connections, by close code.", byLabel("code", ended)),
    counter(
      "publisher_sockets_ended_total",
      "Closed WebSockets of publishers, by close code.",
      byLabel("code", metrics.publishersEnded),
    ),
    counter("refused_total", "Refused requests, by HTTP status.", byLabel("status", refused)),
    counter(
      "key_requests_total",
      "Authorized requests of publishers, by the name of the key; a WebSocket is one.",
      byLabel("key", metrics.requests),
    ),
    counter("sheds_total", "How often all connections were closed because memory was short.", sheds),
    counter("failures_total", "Failures of the journal and other failures.", byLabel("of", failures)),
    counter("damaged_rows_total", "Damaged rows or messages of the journal, which are skipped.", damagedRows),
    counter(
      "queue_dead_letters_total",
      "Messages of the queue that were stored as dead letters.",
      metrics.deadLetters,
    ),
  ];
}

function format({ name, type, help, samples }: MetricFamily): string {
  const lines = samples.map(({ suffix = "", labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`).join(",");
    return `tidings_${name}${suffix}${pairs === "" ? "" : `{${pairs}}`} ${value}`;
  });
  return [`# HELP tidings_${name} ${help}`, `# TYPE tidings_${name} ${type}`, ...lines, ""].join("\n");
}
