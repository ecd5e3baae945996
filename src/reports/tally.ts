/** A tally: what is counted of one notification, and which connections can still ack it. */

import type { Report } from "./report.ts";
import { SmallSet } from "./small_set.ts";

/** How much all tallies of a node remember together. */
export interface Ledger {
  /** Connections that were handed a notification and have not acked it. */
  awaiting: number;
  /** Connections that are on their way to a notification that somebody waits for, and how many of them may be. */
  due: number;
  readonly mostDue: number;
}

/** Who waits until a tally is settled. */
export interface Watcher {
  /** Something has come or gone; is it settled? */
  changed(tally: Tally): void;
}

/** What is only known while somebody waits: who comes by the notification later, and who waits. */
interface Watch {
  readonly due: Set<string>;
  readonly watchers: Set<Watcher>;
}

/**
 * Used again, for one notification after the other: tallies live so long that the garbage collector would move and
 * mark each several times, which makes a notification a quarter more expensive.
 */
export class Tally {
  /** The tally that was begun after this one. */
  newer: Tally | undefined;
  readonly #ledger: Ledger;
  #id = "";
  #acceptedAt = 0;
  readonly #awaiting = new SmallSet();
  #watch: Watch | undefined;
  #sent = 0;
  #acked = 0;
  #firstAckMs: number | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Begins to count for a notification. */
  begin(id: string, acceptedAt: number): this {
    this.#id = id;
    this.#acceptedAt = acceptedAt;
    this.#sent = this.#acked = 0;
    this.#firstAckMs = null;
    return this;
  }

  get id(): string {
    return this.#id;
  }

  get acceptedAt(): number {
    return this.#acceptedAt;
  }

  get report(): Report {
    const { id, acceptedAt } = this;
    return { id, acceptedAt, sent: this.#sent, acked: this.#acked, firstAckMs: this.#firstAckMs };
  }

  /** The connections that were handed it, and have not acked it. */
  get awaiting(): { readonly size: number } & Iterable<string> {
    return this.#awaiting;
  }

  /** True if nobody who is known to be there has it unacked, or has yet to get it. */
  get settled(): boolean {
    return this.#awaiting.size === 0 && (this.#watch === undefined || this.#watch.due.size === 0);
  }

  /** The connection was handed it. 1,000 tabs of a target call this 1,000 times for each notification. */
  sent(connection: string): void {
    if (!this.#awaiting.add(connection)) return;
    this.#sent++;
    this.#ledger.awaiting++;
    if (this.#watch === undefined) return;
    if (this.#watch.due.delete(connection)) this.#ledger.due--;
    this.#tell();
  }

  /** The connection has it. What it was not handed, or has acked before, doesn't count. */
  acked(connection: string, now: number): void {
    if (!this.#awaiting.delete(connection)) return;
    this.#acked++;
    this.#ledger.awaiting--;
    this.#firstAckMs ??= Math.max(0, now - this.acceptedAt); // the clock that it was accepted by may be another's
    this.#tell();
  }

  /** The connection is there, and has yet to get it. False: too many are waited for already. */
  expect(connection: string): boolean {
    if (this.#watch === undefined) return true;
    if (this.#ledger.due >= this.#ledger.mostDue) return false;
    const { size } = this.#watch.due;
    if (this.#watch.due.add(connection).size === size) return true;
    this.#ledger.due++;
    this.#tell();
    return true;
  }

  /** The connection is not there any more: it can't ack. Only told while somebody waits. */
  left(connection: string): void {
    if (this.#awaiting.delete(connection)) this.#ledger.awaiting--;
    if (this.#watch?.due.delete(connection)) this.#ledger.due--;
    this.#tell();
  }

  /** Somebody waits, and may still ask it when it is forgotten. */
  get isWatched(): boolean {
    return this.#watch !== undefined;
  }

  watch(watcher: Watcher): void {
    this.#watch ??= { due: new Set(), watchers: new Set() };
    this.#watch.watchers.add(watcher);
  }

  unwatch(watcher: Watcher): void {
    if (!this.#watch?.watchers.delete(watcher) || this.#watch.watchers.size > 0) return;
    this.#ledger.due -= this.#watch.due.size;
    this.#watch = undefined;
  }

  /** Makes room: it counts no more, and nobody has to wait for it. */
  forget(): void {
    this.#ledger.awaiting -= this.#awaiting.size;
    this.#awaiting.clear();
    this.#ledger.due -= this.#watch?.due.size ?? 0;
    this.#watch?.due.clear();
    this.#tell();
    this.#watch = undefined;
  }

  #tell(): void {
    for (const watcher of this.#watch?.watchers ?? []) watcher.changed(this);
  }
}
