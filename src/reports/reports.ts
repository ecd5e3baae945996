/** Reports: whom the latest notifications were handed to, and who acked them. In memory, bounded, of this node. */

import type { Notification } from "../hub/outbox.ts";
import type { Awaited } from "../nodes/nodes.ts";
import type { Report } from "./report.ts";
import { type Ledger, Tally } from "./tally.ts";
import { Wait } from "./wait.ts";

/** How much is remembered. When it is too much, the oldest reports go first. */
export interface ReportLimits {
  readonly reports: number;
  /** Connections that were handed a notification and have not acked it, of all reports together. */
  readonly awaiting: number;
  /** Connections that are waited for although they are behind, of all waits together. */
  readonly due: number;
  /** How long a notification is remembered after it was accepted. */
  readonly ms: number;
}

const MOST_MS = 60 * 60 * 1000;
const LEAST_MS = 60 * 1000; // as long as a publisher may wait for acks

/** An hour, or as long as notifications are kept, if that is less. */
export function reportLimits({ seconds }: { readonly seconds: number }): ReportLimits {
  const ms = Math.max(LEAST_MS, Math.min(seconds * 1000, MOST_MS));
  return { reports: 65_536, awaiting: 262_144, due: 65_536, ms };
}

export interface ReportsParts {
  readonly limits: ReportLimits;
  /** When a notification was accepted, by its text. Only asked for those that come without a report. */
  readonly acceptedAt: (text: string) => number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export class Reports {
  readonly #limits: ReportLimits;
  readonly #acceptedAt: (text: string) => number;
  readonly #now: () => number;
  readonly #ledger: Ledger;
  readonly #tallies = new Map<string, Tally>();
  readonly #waits = new Map<string | null, Set<Wait>>(); // by target; null: everyone
  #oldest: Tally | undefined; // a list, because the first of a Map that much was deleted from is slow to find
  #newest: Tally | undefined;
  #spare: Tally | undefined; // for the next one: with as many as there may be, one goes for each that comes
  #forgottenUntil = -Infinity; // a report begun anew for what was accepted by then would not tell the whole

  constructor({ limits, acceptedAt, now = Date.now }: ReportsParts) {
    this.#limits = limits;
    this.#acceptedAt = acceptedAt;
    this.#now = now;
    this.#ledger = { awaiting: 0, due: 0, mostDue: limits.due };
  }

  /** Begins the report of a notification, if there is none. */
  accepted(id: string, acceptedAt: number): void {
    if (!this.#tallies.has(id)) this.#begin(id, acceptedAt);
  }

  /** The connection was handed these: by its outbox, or by a page of the journal. */
  sent(notifications: readonly Notification[], connection: string): void {
    for (const { id, text } of notifications) {
      const tally = this.#tallies.get(id) ?? this.#resume(id, this.#acceptedAt(text));
      tally?.sent(connection);
    }
    if (this.#ledger.awaiting > this.#limits.awaiting) this.#makeRoom();
  }

  /** The connection has these. */
  acked(ids: readonly string[], connection: string): void {
    const now = this.#now();
    for (const id of ids) this.#tallies.get(id)?.acked(connection, now);
  }

  /** The connection of the target is not there any more. */
  left({ id, target }: { readonly id: string; readonly target: string }): void {
    for (const waitedFor of [target, null]) {
      for (const wait of this.#waits.get(waitedFor) ?? []) wait.left(id, waitedFor);
    }
  }

  /** Null: nothing is known of it, or nothing any more. */
  of(id: string): Report | null {
    const tally = this.#tallies.get(id);
    return tally === undefined || tally.acceptedAt + this.#limits.ms <= this.#now() ? null : tally.report;
  }

  /** Begins to wait for the acks of these. The caller tells the wait who is there, and disposes of it. */
  wait(notifications: readonly Awaited[]): Wait {
    const wait = new Wait((wait) => this.#end(wait), this.#now);
    for (const awaited of notifications) {
      const tally = this.#tallies.get(awaited.id) ?? this.#resume(awaited.id, awaited.acceptedAt);
      if (tally !== undefined) wait.add(tally, awaited);
    }
    for (const target of wait.targets) {
      const waits = this.#waits.get(target);
      if (waits === undefined) this.#waits.set(target, new Set([wait]));
      else waits.add(wait);
    }
    return wait;
  }

  #end(wait: Wait): void {
    for (const target of wait.targets) {
      const waits = this.#waits.get(target);
      waits?.delete(wait);
      if (waits?.size === 0) this.#waits.delete(target);
    }
  }

  /** For what was accepted elsewhere, or before a restart; not for what has been forgotten. */
  #resume(id: string, acceptedAt: number): Tally | undefined {
    const forgottenUntil = Math.max(this.#forgottenUntil, this.#now() - this.#limits.ms);
    return acceptedAt > forgottenUntil ? this.#begin(id, acceptedAt) : undefined;
  }

  #begin(id: string, acceptedAt: number): Tally {
    const tally = (this.#spare ?? new Tally(this.#ledger)).begin(id, acceptedAt);
    this.#spare = undefined;
    this.#tallies.set(id, tally);
    if (this.#newest === undefined) this.#oldest = tally;
    else this.#newest.newer = tally;
    this.#newest = tally;
    this.#makeRoom();
    return tally;
  }

  #makeRoom(): void {
    const expired = this.#now() - this.#limits.ms;
    for (let oldest = this.#oldest; oldest !== undefined; oldest = this.#oldest) {
      const isOver = this.#tallies.size > this.#limits.reports ||
        this.#ledger.awaiting > this.#limits.awaiting;
      if (!isOver && oldest.acceptedAt > expired) return;
      this.#forget(oldest);
    }
  }

  #forget(oldest: Tally): void {
    this.#oldest = oldest.newer;
    if (this.#oldest === undefined) this.#newest = undefined;
    this.#tallies.delete(oldest.id);
    this.#forgottenUntil = Math.max(this.#forgottenUntil, oldest.acceptedAt);
    oldest.newer = undefined; // or a wait that still has it would hold all that came after
    if (!oldest.isWatched) this.#spare = oldest;
    oldest.forget();
  }
}
