/** Counts the targets that have read the latest notifications, each target once. */

import { LatestIds } from "./latest_ids.ts";
import type { NodeReport } from "./report.ts";
import type { ReportLimits } from "./report_limits.ts";

/** Mostly one target. */
type Readers = undefined | string | Set<string>;

export type ReadCount = Pick<NodeReport, "read" | "firstReadAt">;

const NOT_READ: ReadCount = { read: 0, firstReadAt: null };

/** A notification, as the node knows it. */
export interface ReadNotification {
  readonly id: string;
  /** The number of its report, which tells it from an earlier notification with the same id. 0: it has none. */
  readonly report: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The counters are columns, as those of reports are, and have numbers of their own: a mark may come to a node that has
 * neither accepted nor sent the notification, and notifications that nobody has read cost nothing here.
 *
 * What is too old is dropped when the next notification is read, so that nobody's reading is remembered for longer than
 * it counts. When too many readers are remembered, those of the oldest notifications are forgotten. Their counts stay, but
 * a target that marks such a notification as read, unread, and read again may then be counted twice.
 */
export class ReadCounts {
  readonly #limits: Pick<ReportLimits, "maxReports" | "maxReaders" | "maxAgeMs">;
  readonly #latest: LatestIds;
  readonly #report: Float64Array; // the number of the report; 0: none was known
  readonly #read: Uint32Array;
  readonly #firstReadAt: Float64Array;
  readonly #readers: Readers[] = [];
  #remembered = 0; // readers
  #rememberedFrom = 1; // the readers of all lower numbers are forgotten

  constructor(limits: Pick<ReportLimits, "maxReports" | "maxReaders" | "maxAgeMs">) {
    this.#limits = limits;
    this.#latest = new LatestIds(limits.maxReports);
    this.#report = new Float64Array(limits.maxReports);
    this.#read = new Uint32Array(limits.maxReports);
    this.#firstReadAt = new Float64Array(limits.maxReports);
  }

  /** The number of notifications that are remembered. */
  get size(): number {
    return this.#latest.size;
  }

  /** Called when a target has marked the notification as read. Counts it unless it is known to have done so before. */
  count(notification: ReadNotification, target: string): void {
    const number = this.#find(notification) || this.#begin(notification);
    const row = this.#rowOf(number);
    if (notification.report > 0) this.#report[row] = notification.report;
    if (this.#remember(number, target)) this.#read[row] = (this.#read[row] ?? 0) + 1;
  }

  of(notification: ReadNotification): ReadCount {
    const number = this.#find(notification), row = this.#rowOf(number);
    return number === 0
      ? NOT_READ
      : { read: this.#read[row] ?? 0, firstReadAt: this.#firstReadAt[row] ?? null };
  }

  /** Forgets who has read what of a target. The counts stay. */
  forget(target: string): void {
    for (const [row, readers] of this.#readers.entries()) {
      if (readers === target) this.#readers[row] = undefined;
      else if (!(readers instanceof Set) || !readers.delete(target)) continue;
      this.#remembered--;
    }
  }

  /** 0: the notification has not been read, or only an earlier one with its id. */
  #find({ id, report, now }: ReadNotification): number {
    const number = this.#latest.numberOf(id), row = this.#rowOf(number);
    if (number === 0 || this.#isOver(number, now)) return 0;
    const known = this.#report[row] ?? 0;
    return known === 0 || report === 0 || known === report ? number : 0;
  }

  #begin({ id, now }: ReadNotification): number {
    const earlier = this.#latest.numberOf(id);
    if (earlier > 0) this.#latest.releaseId(earlier);
    while (
      this.size >= this.#limits.maxReports || (this.size > 0 && this.#isOver(this.#latest.oldest, now))
    ) {
      this.#dropOldest();
    }
    const number = this.#latest.add(id), row = this.#rowOf(number);
    this.#report[row] = this.#read[row] = 0;
    this.#firstReadAt[row] = now;
    return number;
  }

  /** Returns false if the target is a reader already. */
  #remember(number: number, target: string): boolean {
    if (number < this.#rememberedFrom) return true;
    const row = this.#rowOf(number), readers = this.#readers[row];
    if (readers === target || (readers instanceof Set && readers.has(target))) return false;
    if (readers === undefined) this.#readers[row] = target;
    else if (typeof readers === "string") this.#readers[row] = new Set([readers, target]);
    else readers.add(target);
    this.#remembered++;
    while (this.#remembered > this.#limits.maxReaders) this.#forgetReaders(this.#rememberedFrom++);
    return true;
  }

  #forgetReaders(number: number): void {
    const row = this.#rowOf(number), readers = this.#readers[row];
    this.#readers[row] = undefined;
    if (readers !== undefined) this.#remembered -= typeof readers === "string" ? 1 : readers.size;
  }

  #dropOldest(): void {
    this.#forgetReaders(this.#latest.oldest);
    this.#latest.releaseId(this.#latest.oldest); // its place may be empty for long
    this.#latest.dropOldest();
    this.#rememberedFrom = Math.max(this.#rememberedFrom, this.#latest.oldest);
  }

  #isOver(number: number, now: number): boolean {
    return (this.#firstReadAt[this.#rowOf(number)] ?? 0) + this.#limits.maxAgeMs <= now;
  }

  #rowOf(number: number): number {
    return number % this.#limits.maxReports;
  }
}
