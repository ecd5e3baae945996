/** Counts the pushes of the latest notifications, and to how many devices they were sent. */

import type { ReportLimits } from "./report_limits.ts";

/** The devices to which the push of a notification was sent or not, for all its targets. */
export interface DeviceCounts {
  readonly sent: number;
  /** Their push services refused it for good, or could not be reached until the notification ended. */
  readonly failed: number;
  /** They were subscribed no longer. */
  readonly gone: number;
}

/** The pushes of one notification. */
export interface PushReport extends DeviceCounts {
  /** When they were due first, in milliseconds since 1970. */
  readonly dueAt: number;
}

const NO_DEVICES: DeviceCounts = { sent: 0, failed: 0, gone: 0 };

export class PushCounts {
  readonly #limits: Pick<ReportLimits, "maxReports" | "maxAgeMs">;
  readonly #reports = new Map<string, PushReport>(); // by id, the oldest first

  constructor(limits: Pick<ReportLimits, "maxReports" | "maxAgeMs">) {
    this.#limits = limits;
  }

  /** The number of notifications that are remembered. */
  get size(): number {
    return this.#reports.size;
  }

  /** Called when a push is due at a time, in milliseconds since 1970, or was sent or not to some devices. */
  count(
    { id, dueAt }: { id: string; dueAt: number },
    { sent, failed, gone }: DeviceCounts = NO_DEVICES,
  ): void {
    const known = this.#reports.get(id);
    const before = known?.dueAt === dueAt ? known : NO_DEVICES; // another time is that of another notification
    if (known !== before) this.#makeRoom({ id, dueAt });
    this.#reports.set(id, {
      dueAt,
      sent: before.sent + sent,
      failed: before.failed + failed,
      gone: before.gone + gone,
    });
  }

  /** Null: this node knows of no push of the notification. */
  of(id: string, now: number): PushReport | null {
    const report = this.#reports.get(id);
    return report === undefined || report.dueAt + this.#limits.maxAgeMs <= now ? null : report;
  }

  /** Drops the oldest: one too many, and those that were due so long before this one that nobody can ask for them. */
  #makeRoom({ id, dueAt }: { id: string; dueAt: number }): void {
    this.#reports.delete(id); // so that it becomes the newest
    for (const [oldest, report] of this.#reports) {
      const isOver = report.dueAt + this.#limits.maxAgeMs <= dueAt;
      if (!isOver && this.#reports.size < this.#limits.maxReports) return;
      this.#reports.delete(oldest);
    }
  }
}

/** Merges what several nodes have counted. Null: none of them knows of a push. */
export function mergePushes(all: readonly (PushReport | null | undefined)[]): PushReport | null {
  const known = all.filter((report) => report !== null && report !== undefined);
  if (known.length === 0) return null;
  const dueAt = Math.max(...known.map((report) => report.dueAt));
  const latest = known.filter((report) => report.dueAt === dueAt);
  const sum = (count: keyof DeviceCounts) => latest.reduce((sum, { [count]: more }) => sum + more, 0);
  return { dueAt, sent: sum("sent"), failed: sum("failed"), gone: sum("gone") };
}
