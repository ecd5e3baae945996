/** A delivery report: how many connections received a notification and acked it, and how many targets have read it. */

import { mergePushes, type PushReport } from "./push_counts.ts";

/** What all nodes together have counted. */
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
  /** The number of targets that have marked it as read. */
  readonly read: number;
  /** Milliseconds from `acceptedAt` to the first such mark; null: no mark yet. */
  readonly firstReadMs: number | null;
  /** Null: no push is known. */
  readonly push: PushReport | null;
}

/** What one node has counted. */
export interface NodeReport extends Omit<Report, "acceptedAt" | "firstReadMs"> {
  /** Milliseconds since 1970. Null: this node has only counted pushes, and which targets have read the notification. */
  readonly acceptedAt: number | null;
  /** Milliseconds since 1970; null: no target has read it. */
  readonly firstReadAt: number | null;
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

/** Merges the reports of several nodes for one notification. Null: none of them has accepted or sent it. */
export function mergeReports(all: readonly (NodeReport | null)[]): Report | null {
  const reports = all.filter((report) => report !== null);
  const [{ id } = { id: "" }] = reports;
  const acceptedAt = earliest(reports.map((report) => report.acceptedAt));
  if (acceptedAt === null) return null;
  const firstReadAt = earliest(reports.map((report) => report.firstReadAt));
  const sum = (count: "sent" | "acked" | "read") => reports.reduce((sum, { [count]: more }) => sum + more, 0);
  return {
    id,
    acceptedAt,
    sent: sum("sent"),
    acked: sum("acked"),
    firstAckMs: earliest(reports.map((report) => report.firstAckMs)),
    read: sum("read"),
    firstReadMs: firstReadAt === null ? null : Math.max(0, firstReadAt - acceptedAt), // clocks differ
    push: mergePushes(reports.map(({ push }) => push)),
  };
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
