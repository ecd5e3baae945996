/** Counts in memory which connections of this node were sent the latest notifications, which acked, and who has read. */

import { SmallMemo } from "../async/small_memo.ts";
import type { Notification } from "../hub/outbox.ts";
import type { AwaitedNotification, NodeReport } from "./report.ts";
import { type DeviceCounts, PushCounts } from "./push_counts.ts";
import { ReadCounts } from "./read_counts.ts";
import { type ConnectionCounts, ReportColumns } from "./report_columns.ts";
import { LatestIds } from "./latest_ids.ts";
import type { ReportLimits } from "./report_limits.ts";
import type { AckBudget } from "./pending_acks.ts";
import { AckWait } from "./ack_wait.ts";

export interface ReportsDeps {
  readonly limits: ReportLimits;
  /** Parses the time of acceptance from a notification's text. Called only for notifications without a report. */
  readonly acceptedAt: (text: string) => number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A batch that was sent to connections, and the numbers of its notifications that have a report. */
interface SentBatch {
  readonly notifications: readonly Notification[];
  numbers: readonly number[];
}

/** The counts of a notification that this node has neither accepted nor sent. */
const NOT_SENT: ConnectionCounts = { acceptedAt: null, sent: 0, acked: 0, firstAckMs: null };

export class Reports {
  readonly #limits: ReportLimits;
  readonly #acceptedAt: (text: string) => number;
  readonly #now: () => number;
  readonly #budget: AckBudget;
  readonly #latest: LatestIds;
  readonly #columns: ReportColumns; // by the numbers of the latest ids
  readonly #reads: ReadCounts;
  readonly #pushes: PushCounts;
  readonly #waits = new Map<string | null, Set<AckWait>>(); // by target; null: everyone
  readonly #batches = new SmallMemo<SentBatch>();
  readonly #sentFirst = new Set<number>(); // numbers of notifications that were sent before this node accepted them
  #droppedUntil = -Infinity; // a new report for a notification that was accepted by then would be incomplete

  constructor({ limits, acceptedAt, now = Date.now }: ReportsDeps) {
    this.#limits = limits;
    this.#latest = new LatestIds(limits.maxReports);
    this.#acceptedAt = acceptedAt;
    this.#now = now;
    this.#budget = { unacked: 0, expected: 0, maxExpected: limits.maxExpected };
    this.#columns = new ReportColumns(limits.maxReports, this.#budget);
    this.#reads = new ReadCounts(limits);
    this.#pushes = new PushCounts(limits);
  }

  /** Called for each target of an accepted notification with a fresh id. Creates the report at the first call. */
  acceptedNew(id: string, acceptedAt: number): void {
    if (this.#sentFirst.size > 0) return this.accepted(id, acceptedAt); // it may have been sent already
    if (!this.#latest.isNewest(id)) this.#begin(id, acceptedAt);
  }

  /** Called for each target of an accepted notification. Creates a report unless the notification has one. */
  accepted(id: string, acceptedAt: number): void {
    if (this.#unlessReused(this.#latest.numberOf(id), acceptedAt) === 0) this.#begin(id, acceptedAt);
  }

  /** Called when a connection was sent notifications for the first time, from its outbox or from the journal. */
  sent(notifications: readonly Notification[], connection: string): void {
    const numbers = this.#numbersOf(notifications);
    this.#columns.sent(numbers, connection);
    if (this.#budget.unacked > this.#limits.maxUnacked) this.#makeRoom();
  }

  acked(ids: readonly string[], connection: string): void {
    const now = this.#now();
    for (const number of ids.map((id) => this.#latest.numberOf(id))) {
      if (number > 0) this.#columns.acked(number, { connection, now });
    }
  }

  /** Called when a target has marked the notifications with these ids as read. */
  read(ids: readonly string[], target: string): void {
    const now = this.#now();
    for (const id of ids) this.#reads.count({ id, report: this.#latest.numberOf(id), now }, target);
  }

  /** Forgets the name of a target. What was counted stays. */
  forget(target: string): void {
    this.#reads.forget(target);
  }

  /** Called when a push is due, and when it was sent or not to some devices. `dueAt` is in milliseconds since 1970. */
  pushed(push: { readonly id: string; readonly dueAt: number }, devices?: DeviceCounts): void {
    this.#pushes.count(push, devices);
  }

  /** Called when a connection has closed. */
  left({ id, target }: { readonly id: string; readonly target: string }): void {
    for (const awaitedTarget of [target, null]) {
      for (const wait of this.#waits.get(awaitedTarget) ?? []) wait.left(id, awaitedTarget);
    }
  }

  /** Null: this node has counted nothing, or no longer knows what. */
  get(id: string): NodeReport | null {
    const now = this.#now(), report = this.#latest.numberOf(id);
    const isKept = report > 0 && this.#columns.acceptedAt(report) + this.#limits.maxAgeMs > now;
    const reads = this.#reads.of({ id, report, now }), push = this.#pushes.of(id, now);
    if (isKept) return { id, ...this.#columns.counts(report), ...reads, push };
    return reads.read === 0 && push === null ? null : { id, ...NOT_SENT, ...reads, push };
  }

  /** Begins to wait for acks. The caller then starts the wait with the connections, and disposes of it. */
  wait(notifications: readonly AwaitedNotification[]): AckWait {
    const wait = new AckWait((wait) => this.#endWait(wait), this.#now);
    for (const awaited of notifications) {
      const number = this.#numberOf(awaited, () => awaited.acceptedAt);
      if (number > 0) wait.add(this.#columns.pendingAcks(number), awaited);
    }
    for (const target of wait.targets) {
      const waits = this.#waits.get(target);
      if (waits === undefined) this.#waits.set(target, new Set([wait]));
      else waits.add(wait);
    }
    return wait;
  }

  #endWait(wait: AckWait): void {
    for (const target of wait.targets) {
      const waits = this.#waits.get(target);
      waits?.delete(wait);
      if (waits?.size === 0) this.#waits.delete(target);
    }
  }

  /** The numbers of the notifications whose reports still exist. */
  #numbersOf(notifications: readonly Notification[]): readonly number[] {
    const batch = this.#batches.find((batch) => areSame(batch.notifications, notifications)) ??
      this.#addBatch(notifications);
    const { oldest } = this.#latest;
    if (!batch.numbers.every((number) => number >= oldest)) {
      batch.numbers = batch.numbers.filter((number) => number >= oldest);
    }
    return batch.numbers;
  }

  #addBatch(notifications: readonly Notification[]): SentBatch {
    const numbers = notifications.map(({ id, sequence, text }) =>
      id === null ? 0 : this.#numberOf({ id, sequence }, () => this.#acceptedAt(text)) // marks have no report
    );
    return this.#batches.add({ notifications, numbers });
  }

  /** Creates a report for a notification from another node or from before a restart. 0: its report was dropped. */
  #numberOf(
    { id, sequence }: { id: string; sequence?: number | undefined },
    acceptedAt: () => number,
  ): number {
    const now = this.#now(), number = this.#latest.numberOf(id, sequence);
    if (number > 0 && !this.#isReused(number, now)) return number; // nor was it reused earlier
    const at = acceptedAt(), own = this.#unlessReused(number, at);
    if (own > 0) return own;
    const droppedUntil = Math.max(this.#droppedUntil, now - this.#limits.maxAgeMs);
    return at > droppedUntil ? this.#beginSentFirst(id, at) : 0;
  }

  /** True if a notification that was accepted then with the id of this number is a new one and not a repeat. */
  #isReused(number: number, acceptedAt: number): boolean {
    return acceptedAt >= this.#columns.acceptedAt(number) + this.#limits.idWindowMs;
  }

  /** Returns the number, or 0 after dropping its report if a new notification reuses the id. */
  #unlessReused(number: number, acceptedAt: number): number {
    if (number === 0 || !this.#isReused(number, acceptedAt)) return number;
    this.#latest.releaseId(number);
    this.#sentFirst.delete(number);
    this.#columns.drop(number);
    return 0;
  }

  #beginSentFirst(id: string, acceptedAt: number): number {
    const number = this.#begin(id, acceptedAt);
    this.#sentFirst.add(number);
    return number;
  }

  #begin(id: string, acceptedAt: number): number {
    if (this.#latest.size >= this.#limits.maxReports) this.#dropOldest();
    const number = this.#latest.add(id);
    this.#columns.begin(number, acceptedAt);
    this.#makeRoom();
    return number;
  }

  /** Drops the oldest reports until the limits hold. */
  #makeRoom(): void {
    const expired = this.#now() - this.#limits.maxAgeMs;
    while (this.#latest.size > 0) {
      const isExpired = this.#columns.acceptedAt(this.#latest.oldest) <= expired;
      if (this.#budget.unacked <= this.#limits.maxUnacked && !isExpired) return;
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    const { oldest } = this.#latest;
    this.#droppedUntil = Math.max(this.#droppedUntil, this.#columns.acceptedAt(oldest));
    this.#latest.dropOldest();
    this.#sentFirst.delete(oldest);
    this.#columns.drop(oldest);
  }
}

function areSame(some: readonly Notification[], others: readonly Notification[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
