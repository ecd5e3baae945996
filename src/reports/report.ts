/** A delivery report: how many connections received a notification and acked it, on one node or on all of them. */

export interface Report {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
  /** The number of connections that the notification was sent to. */
  readonly sent: number;
  /** The number of those connections that have acked it. */
  readonly acked: number;
  /** Milliseconds from `acceptedAt` to the first ack; null: no ack yet. */
  readonly firstAckMs: number | null;
}

/** A notification to one target (or to everyone) whose acks a publisher waits for. */
export interface AwaitedNotification {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
  /** Null is everyone. */
  readonly target: string | null;
  /** The position in the journal. */
  readonly position: string;
  /** Milliseconds since 1970. From then on, the journal does not deliver it to connections that are behind. */
  readonly expiresAt: number;
}

/** Merges the reports of several nodes for one notification. Null: no node has a report. */
export function mergeReports(reports: readonly (Report | null)[]): Report | null {
  return reports.reduce(
    (merged, report) => merged === null || report === null ? merged ?? report : merge(merged, report),
    null,
  );
}

function merge(one: Report, other: Report): Report {
  const firstAcks = [one.firstAckMs, other.firstAckMs].filter((ms) => ms !== null);
  return {
    id: one.id,
    acceptedAt: Math.min(one.acceptedAt, other.acceptedAt),
    sent: one.sent + other.sent,
    acked: one.acked + other.acked,
    firstAckMs: firstAcks.length === 0 ? null : Math.min(...firstAcks),
  };
}
