/** Reports: whom the latest notifications were handed to, and who acked them. In memory, bounded, of this node. */

import { SmallMemo } from "../async/small_memo.ts";
import type { Notification } from "../hub/outbox.ts";
import type { AwaitedNotification } from "./report.ts";
import { ReportColumns } from "./report_columns.ts";
import { LatestIds } from "./latest_ids.ts";
import type { Report } from "./report.ts";
import type { ReportLimits } from "./report_limits.ts";
import type { Budget } from "./pending_acks.ts";
import { AckWait } from "./ack_wait.ts";

export interface ReportsDeps {
  readonly limits: ReportLimits;
  /** When a notification was accepted, by its text. Only asked for those that come without a report. */
  readonly acceptedAt: (text: string) => number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A batch that connections were handed, and the numbers of those that are counted. What is forgotten stays so. */
interface DeliveredBatch {
  readonly notifications: readonly Notification[];
  numbers: readonly number[];
}

export class Reports {
  readonly #limits: ReportLimits;
  readonly #acceptedAt: (text: string) => number;
  readonly #now: () => number;
  readonly #ledger: Budget;
  readonly #latest: LatestIds;
  readonly #counts: ReportColumns; // by the numbers of the latest ids
  readonly #waits = new Map<string | null, Set<AckWait>>(); // by target; null: everyone
  readonly #handed = new SmallMemo<DeliveredBatch>();
  readonly #strangers = new Set<number>(); // numbers of what was handed over before anyone here had accepted it
  #forgottenUntil = -Infinity; // a report begun anew for what was accepted by then would not tell the whole

  constructor({ limits, acceptedAt, now = Date.now }: ReportsDeps) {
    this.#limits = limits;
    this.#latest = new LatestIds(limits.reports);
    this.#acceptedAt = acceptedAt;
    this.#now = now;
    this.#ledger = { awaiting: 0, due: 0, maxDue: limits.due };
    this.#counts = new ReportColumns(limits.reports, this.#ledger);
  }

  /** Begins the report of a notification that has an id of its own. Called once for each of its targets. */
  began(id: string, acceptedAt: number): void {
    if (this.#strangers.size > 0) return this.accepted(id, acceptedAt); // it may have been handed over before
    if (!this.#latest.isNewest(id)) this.#begin(id, acceptedAt);
  }

  /** Begins the report of a notification, if there is none but that of an earlier one that had its id. */
  accepted(id: string, acceptedAt: number): void {
    if (this.#unlessOfAnother(this.#latest.numberOf(id), acceptedAt) === 0) this.#begin(id, acceptedAt);
  }

  /** The connection was handed these, each of them for the first time: by its outbox, or by a page of the journal. */
  sent(notifications: readonly Notification[], connection: string): void {
    const numbers = this.#numbersOf(notifications);
    this.#counts.sent(numbers, connection);
    if (this.#ledger.awaiting > this.#limits.awaiting) this.#makeRoom();
  }

  /** The connection has these. */
  acked(ids: readonly string[], connection: string): void {
    const now = this.#now();
    for (const number of ids.map((id) => this.#latest.numberOf(id))) {
      if (number > 0) this.#counts.acked(number, { connection, now });
    }
  }

  /** The connection of the target is not there any more. */
  left({ id, target }: { readonly id: string; readonly target: string }): void {
    for (const waitedFor of [target, null]) {
      for (const wait of this.#waits.get(waitedFor) ?? []) wait.left(id, waitedFor);
    }
  }

  /** Null: nothing is known of it, or nothing any more. */
  of(id: string): Report | null {
    const number = this.#latest.numberOf(id);
    if (number === 0 || this.#counts.acceptedAt(number) + this.#limits.ms <= this.#now()) return null;
    return this.#counts.report(number, id);
  }

  /** Begins to wait for the acks of these. The caller tells the wait who is there, and disposes of it. */
  wait(notifications: readonly AwaitedNotification[]): AckWait {
    const wait = new AckWait((wait) => this.#end(wait), this.#now);
    for (const awaited of notifications) {
      const number = this.#numberOf(awaited, () => awaited.acceptedAt);
      if (number > 0) wait.add(this.#counts.tally(number), awaited);
    }
    for (const target of wait.targets) {
      const waits = this.#waits.get(target);
      if (waits === undefined) this.#waits.set(target, new Set([wait]));
      else waits.add(wait);
    }
    return wait;
  }

  #end(wait: AckWait): void {
    for (const target of wait.targets) {
      const waits = this.#waits.get(target);
      waits?.delete(wait);
      if (waits?.size === 0) this.#waits.delete(target);
    }
  }

  /** Of those that are counted still. */
  #numbersOf(notifications: readonly Notification[]): readonly number[] {
    const handed = this.#handed.find((handed) => areSame(handed.notifications, notifications)) ??
      this.#firstHanded(notifications);
    const { oldest } = this.#latest;
    if (!handed.numbers.every((number) => number >= oldest)) {
      handed.numbers = handed.numbers.filter((number) => number >= oldest);
    }
    return handed.numbers;
  }

  #firstHanded(notifications: readonly Notification[]): DeliveredBatch {
    const numbers = notifications.map((one) => this.#numberOf(one, () => this.#acceptedAt(one.text)));
    return this.#handed.add({ notifications, numbers });
  }

  /** 0 for what has been forgotten. What was accepted elsewhere, or before a restart, gets a number. */
  #numberOf({ id, sequence }: { id: string; sequence?: number }, acceptedAt: () => number): number {
    const now = this.#now(), number = this.#latest.numberOf(id, sequence);
    if (number > 0 && !this.#isAnother(number, now)) return number; // nor was it, when it was accepted
    const at = acceptedAt(), own = this.#unlessOfAnother(number, at);
    if (own > 0) return own;
    const forgottenUntil = Math.max(this.#forgottenUntil, now - this.#limits.ms);
    return at > forgottenUntil ? this.#beginStranger(id, at) : 0;
  }

  /** True if what was accepted then under the id of this one cannot be a repeat of it. */
  #isAnother(number: number, acceptedAt: number): boolean {
    return acceptedAt >= this.#counts.acceptedAt(number) + this.#limits.idMs;
  }

  /** The number; 0 if it is another's than of what was accepted then: nobody can ask for that any more. */
  #unlessOfAnother(number: number, acceptedAt: number): number {
    if (number === 0 || !this.#isAnother(number, acceptedAt)) return number;
    this.#latest.unname(number);
    this.#strangers.delete(number);
    this.#counts.forget(number);
    return 0;
  }

  #beginStranger(id: string, acceptedAt: number): number {
    const number = this.#begin(id, acceptedAt);
    this.#strangers.add(number);
    return number;
  }

  #begin(id: string, acceptedAt: number): number {
    if (this.#latest.size >= this.#limits.reports) this.#forgetOldest();
    const number = this.#latest.add(id);
    this.#counts.begin(number, acceptedAt);
    this.#makeRoom();
    return number;
  }

  #makeRoom(): void {
    const expired = this.#now() - this.#limits.ms;
    while (this.#latest.size > 0) {
      const isExpired = this.#counts.acceptedAt(this.#latest.oldest) <= expired;
      if (this.#ledger.awaiting <= this.#limits.awaiting && !isExpired) return;
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const { oldest } = this.#latest;
    this.#forgottenUntil = Math.max(this.#forgottenUntil, this.#counts.acceptedAt(oldest));
    this.#latest.forgetOldest();
    this.#strangers.delete(oldest);
    this.#counts.forget(oldest);
  }
}

function areSame(some: readonly Notification[], others: readonly Notification[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
