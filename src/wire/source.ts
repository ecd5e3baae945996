/** The sources of notifications, by the words with which metrics name them. */

/**
 * `http` is JSON on `/v1/notify`, `ndjson` are lines on it, and `cloudevents` are events on it and messages of SNS.
 * `socket` is `/v1/publish`, `rpc` is `PublisherService`, `queue` the queue of `TIDINGS_QUEUE`, `outbox` the table of
 * `TIDINGS_OUTBOX`, and `schedule` what was kept until it was due.
 */
export const SOURCES = [
  "http",
  "ndjson",
  "cloudevents",
  "socket",
  "rpc",
  "queue",
  "outbox",
  "schedule",
] as const;

export type Source = typeof SOURCES[number];
