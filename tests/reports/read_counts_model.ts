/** A model of ReadCounts that is as simple as possible: a list of notifications, each with its readers. */

import type { ReadCount, ReadNotification } from "../../src/reports/read_counts.ts";
import type { ReportLimits } from "../../src/reports/report_limits.ts";

interface ReadEntry {
  /** Null: another notification has the id now. */
  id: string | null;
  report: number;
  readonly at: number;
  readonly readers: Set<string>;
  read: number;
  remembersReaders: boolean;
}

export class ReadCountsModel {
  readonly #limits: Pick<ReportLimits, "maxReports" | "maxReaders" | "maxAgeMs">;
  readonly #entries: ReadEntry[] = [];

  constructor(limits: Pick<ReportLimits, "maxReports" | "maxReaders" | "maxAgeMs">) {
    this.#limits = limits;
  }

  count(notification: ReadNotification, target: string): void {
    const entry = this.#find(notification) ?? this.#begin(notification);
    if (notification.report > 0) entry.report = notification.report;
    if (entry.readers.has(target)) return;
    entry.read++;
    if (entry.remembersReaders) entry.readers.add(target);
    while (this.readers > this.#limits.maxReaders) {
      const oldest = this.#entries.find(({ remembersReaders }) => remembersReaders);
      if (oldest === undefined) throw new Error("Nothing is left to forget");
      oldest.readers.clear();
      oldest.remembersReaders = false;
    }
  }

  of(notification: ReadNotification): ReadCount {
    const entry = this.#find(notification);
    return entry === undefined ? { read: 0, firstReadAt: null } : { read: entry.read, firstReadAt: entry.at };
  }

  /** The number of readers that are remembered. */
  get readers(): number {
    return this.#entries.reduce((sum, { readers }) => sum + readers.size, 0);
  }

  #find({ id, report, now }: ReadNotification): ReadEntry | undefined {
    return this.#entries.find((entry) =>
      entry.id === id && entry.at + this.#limits.maxAgeMs > now &&
      (entry.report === 0 || report === 0 || entry.report === report)
    );
  }

  #begin({ id, report, now }: ReadNotification): ReadEntry {
    for (const entry of this.#entries) if (entry.id === id) entry.id = null;
    if (this.#entries.length === this.#limits.maxReports) this.#entries.shift();
    const entry = { id, report, at: now, readers: new Set<string>(), read: 0, remembersReaders: true };
    this.#entries.push(entry);
    return entry;
  }
}
