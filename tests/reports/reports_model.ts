/** A model of Reports that is as simple as possible: it keeps every connection, and counts everything anew. */

import type { NodeReport } from "../../src/reports/report.ts";
import type { ReportLimits } from "../../src/reports/report_limits.ts";
import { ReadCountsModel } from "./read_counts_model.ts";

interface ModelEntry {
  /** Every report has another one, from 1 on. */
  readonly number: number;
  id: string;
  readonly at: number;
  readonly sentTo: Set<string>;
  /** When each connection acked, in milliseconds since 1970. */
  readonly acks: Map<string, number>;
}

export class ReportsModel {
  readonly #limits: ReportLimits;
  #entries: ModelEntry[] = [];
  readonly #reads: ReadCountsModel;
  #droppedUntil = -Infinity;
  #reports = 0;
  now: number;

  constructor(limits: ReportLimits, now: number) {
    this.#limits = limits;
    this.#reads = new ReadCountsModel(limits);
    this.now = now;
  }

  accepted(id: string, at: number): void {
    const known = this.#find(id);
    if (known !== undefined && at >= known.at + this.#limits.idWindowMs) this.#release(known);
    if (this.#find(id) === undefined) this.#begin(id, at);
  }

  sent(notifications: readonly { id: string; text: string }[], connection: string): void {
    for (const { id, text } of notifications) {
      if (this.#find(id) === undefined && this.#isComplete(Number(text))) this.#begin(id, Number(text));
    }
    for (const { id } of notifications) this.#find(id)?.sentTo.add(connection);
    if (this.#unacked > this.#limits.maxUnacked) this.#makeRoom();
  }

  acked(ids: readonly string[], connection: string): void {
    for (const id of ids) {
      const entry = this.#find(id);
      if (entry?.sentTo.has(connection) && !entry.acks.has(connection)) entry.acks.set(connection, this.now);
    }
  }

  read(ids: readonly string[], target: string): void {
    for (const id of ids) {
      this.#reads.count({ id, report: this.#find(id)?.number ?? 0, now: this.now }, target);
    }
  }

  get(id: string): NodeReport | null {
    const entry = this.#find(id);
    const reads = this.#reads.of({ id, report: entry?.number ?? 0, now: this.now });
    if (entry === undefined || entry.at + this.#limits.maxAgeMs <= this.now) {
      const none = { acceptedAt: null, sent: 0, acked: 0, firstAckMs: null, push: null };
      return reads.read === 0 ? null : { id, ...none, ...reads };
    }
    const { at, sentTo, acks } = entry;
    const firstAckMs = acks.size === 0 ? null : Math.max(0, Math.min(...acks.values()) - at);
    return { id, acceptedAt: at, sent: sentTo.size, acked: acks.size, firstAckMs, ...reads, push: null };
  }

  get #unacked(): number {
    return this.#entries.reduce((sum, { sentTo, acks }) => sum + sentTo.size - acks.size, 0);
  }

  #find(id: string): ModelEntry | undefined {
    return this.#entries.find((entry) => entry.id === id);
  }

  /** The entry still counts for the limit of reports, but its id is not found any more. */
  #release(entry: ModelEntry): void {
    entry.id = "released";
    entry.sentTo.clear();
    entry.acks.clear();
  }

  /** True if a new report for a notification that was accepted then would be complete. */
  #isComplete(at: number): boolean {
    return at > this.#droppedUntil && at > this.now - this.#limits.maxAgeMs;
  }

  #begin(id: string, at: number): void {
    this.#entries.push({ number: ++this.#reports, id, at, sentTo: new Set(), acks: new Map() });
    this.#makeRoom();
  }

  #makeRoom(): void {
    for (let first = this.#entries[0]; first !== undefined; first = this.#entries[0]) {
      const { maxReports, maxUnacked, maxAgeMs } = this.#limits;
      const isOver = this.#entries.length > maxReports || this.#unacked > maxUnacked;
      if (!isOver && first.at + maxAgeMs > this.now) return;
      this.#droppedUntil = Math.max(this.#droppedUntil, first.at);
      this.#entries = this.#entries.slice(1);
    }
  }
}
