/** Report limits: how many reports a node keeps, and for how long. */

/** When a limit is exceeded, the oldest reports are dropped first. */
export interface ReportLimits {
  readonly maxReports: number;
  /** Connections that were sent a notification and have not acked it, in all reports together. */
  readonly maxUnacked: number;
  /** Targets that have read a notification, in all counts together. */
  readonly maxReaders: number;
  /** Connections that all waits together wait for although the notification was not sent to them yet. */
  readonly maxExpected: number;
  /** Milliseconds for which a report is kept after the notification was accepted. */
  readonly maxAgeMs: number;
  /** Milliseconds for which an id identifies the same notification. After that, it identifies a new one. */
  readonly idWindowMs: number;
}

const MAX_MS = 60 * 60 * 1000;
const MIN_MS = 60 * 1000; // a publisher can wait this long for acks
const MIN_ID_WINDOW_MS = 1_000; // the targets of a notification are accepted within a second, even without retention

/** Limits reports to an hour, or to the retention of notifications if that is shorter. */
export function reportLimits(
  { seconds }: { readonly seconds: number },
  { maxReports = 65_536 }: { readonly maxReports?: number } = {},
): ReportLimits {
  const max = Math.min(seconds * 1000, MAX_MS); // the journal remembers ids as long as notifications
  return {
    maxReports,
    maxUnacked: 262_144,
    maxReaders: 262_144,
    maxExpected: 65_536,
    maxAgeMs: Math.max(MIN_MS, max),
    idWindowMs: Math.max(MIN_ID_WINDOW_MS, max),
  };
}
