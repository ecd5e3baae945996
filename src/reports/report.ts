/** A delivery report: whom a notification reached, as one node knows it, or all of them together. */

export interface Report {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
  /** How many connections it was handed to. */
  readonly sent: number;
  /** How many of those have acked it. */
  readonly acked: number;
  /** From `acceptedAt` to the first ack; null: there is none. */
  readonly firstAckMs: number | null;
}

/** A notification whose acks are waited for, with its place in the journal for one of its targets. */
export interface AwaitedNotification {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
  /** Null is everyone. */
  readonly target: string | null;
  readonly position: string;
  /** Milliseconds since 1970. From then on, whoever is behind gets it no more. */
  readonly expiresAt: number;
}

/** What several nodes know of one notification, put together. Null: none of them knows of it. */
export function sumOf(reports: readonly (Report | null)[]): Report | null {
  return reports.reduce(
    (sum, report) => sum === null || report === null ? sum ?? report : plus(sum, report),
    null,
  );
}

function plus(one: Report, other: Report): Report {
  const firstAcks = [one.firstAckMs, other.firstAckMs].filter((ms) => ms !== null);
  return {
    id: one.id,
    acceptedAt: Math.min(one.acceptedAt, other.acceptedAt),
    sent: one.sent + other.sent,
    acked: one.acked + other.acked,
    firstAckMs: firstAcks.length === 0 ? null : Math.min(...firstAcks),
  };
}
