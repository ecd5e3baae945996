/** The counters of the latest notifications: how many connections were sent each one, and which can still ack it. */

import { SharedIdList } from "./shared_id_list.ts";
import type { NodeReport } from "./report.ts";
import { type AckBudget, PendingAcks } from "./pending_acks.ts";

/** Mostly no connection or one. A mutable set is needed only after an ack, and while a publisher waits. */
type Unacked = undefined | string | SharedIdList | Set<string>;

/** The counts of connections, without those of targets. */
export type ConnectionCounts = Pick<NodeReport, "acceptedAt" | "sent" | "acked" | "firstAckMs">;

/**
 * The counters are columns with a row for each notification. One object for each notification made a notification an
 * eighth more expensive: reports live so long that the garbage collector would mark and move the objects several times.
 *
 * Notifications are numbered in the order in which they arrive. The row of a number is its remainder by the number of
 * rows, so notifications use the same row one after the other.
 */
export class ReportColumns {
  readonly #budget: AckBudget;
  readonly #rows: number;
  readonly #acceptedAt: Float64Array;
  readonly #sent: Uint32Array;
  readonly #acked: Uint32Array;
  readonly #firstAckMs: Float64Array; // NaN: no ack yet
  readonly #unacked: Unacked[];
  readonly #pendingAcks = new Map<number, PendingAcks>(); // of awaited notifications, by row

  constructor(rows: number, budget: AckBudget) {
    this.#budget = budget;
    this.#rows = rows;
    this.#acceptedAt = new Float64Array(rows);
    this.#sent = new Uint32Array(rows);
    this.#acked = new Uint32Array(rows);
    this.#firstAckMs = new Float64Array(rows);
    this.#unacked = new Array<Unacked>(rows).fill(undefined);
  }

  /** Starts to count for a notification. The previous one in its row must have been dropped. */
  begin(number: number, acceptedAt: number): void {
    const row = this.#rowOf(number);
    this.#acceptedAt[row] = acceptedAt;
    this.#sent[row] = this.#acked[row] = 0;
    this.#firstAckMs[row] = NaN;
  }

  acceptedAt(number: number): number {
    return this.#acceptedAt[this.#rowOf(number)] ?? 0;
  }

  counts(number: number): ConnectionCounts {
    const row = this.#rowOf(number);
    const firstAckMs = this.#firstAckMs[row] ?? NaN;
    return {
      acceptedAt: this.#acceptedAt[row] ?? 0,
      sent: this.#sent[row] ?? 0,
      acked: this.#acked[row] ?? 0,
      firstAckMs: Number.isNaN(firstAckMs) ? null : firstAckMs,
    };
  }

  /** Counts distinct notifications for a connection. 1,000 tabs of a target make 1,000 calls for each batch. */
  sent(numbers: readonly number[], connection: string): void {
    let before: Unacked, after: Unacked = connection;
    for (const number of numbers) {
      const row = this.#rowOf(number);
      const unacked = this.#unacked[row];
      if (unacked !== before) after = this.#plus(before = unacked, connection); // mostly the same for a whole batch
      this.#unacked[row] = after;
      this.#sent[row] = (this.#sent[row] ?? 0) + 1;
      if (this.#pendingAcks.size > 0) this.#pendingAcks.get(row)?.sent(connection);
    }
    this.#budget.unacked += numbers.length;
  }

  /** Ignores an ack if the notification was not sent to the connection, or if the connection has acked it before. */
  acked(number: number, { connection, now }: { connection: string; now: number }): void {
    const row = this.#rowOf(number);
    const unacked = this.#unacked[row];
    if (unacked === connection) this.#unacked[row] = undefined;
    else if (typeof unacked !== "object" || !this.#setAt(row).delete(connection)) return;
    this.#acked[row] = (this.#acked[row] ?? 0) + 1;
    this.#budget.unacked--;
    if (Number.isNaN(this.#firstAckMs[row])) {
      this.#firstAckMs[row] = Math.max(0, now - this.acceptedAt(number)); // another node's clock may be ahead
    }
    this.#pendingAcks.get(row)?.acked(connection);
  }

  /** The pending acks of a notification, to which the caller adds a listener. */
  pendingAcks(number: number): PendingAcks {
    const row = this.#rowOf(number);
    const existing = this.#pendingAcks.get(row);
    if (existing !== undefined) return existing;
    const onUnused = () => this.#pendingAcks.delete(row);
    const pendingAcks = new PendingAcks(this.#setAt(row), { budget: this.#budget, onUnused });
    this.#pendingAcks.set(row, pendingAcks);
    return pendingAcks;
  }

  /** Drops the counters of a notification, and settles its pending acks. */
  drop(number: number): void {
    const row = this.#rowOf(number);
    const unacked = this.#unacked[row];
    this.#unacked[row] = undefined;
    if (unacked === undefined) return;
    this.#budget.unacked -= typeof unacked === "string" ? 1 : unacked.size;
    const pendingAcks = this.#pendingAcks.get(row);
    this.#pendingAcks.delete(row);
    pendingAcks?.drop();
  }

  #rowOf(number: number): number {
    return number % this.#rows;
  }

  /** The unacked connections of a row, which are a mutable set from then on. */
  #setAt(row: number): Set<string> {
    const unacked = this.#unacked[row];
    if (unacked instanceof Set) return unacked;
    const set = new Set(typeof unacked === "string" ? [unacked] : unacked);
    if (unacked instanceof SharedIdList) this.#budget.unacked -= unacked.size - set.size;
    return this.#unacked[row] = set;
  }

  /**
   * A connection that is already in the list was sent the same id again. Only a set can find that out, and then counts
   * the connection once.
   */
  #plus(unacked: Unacked, connection: string): Unacked {
    if (unacked === undefined) return connection;
    if (typeof unacked === "string") return SharedIdList.of(unacked, connection);
    if (!(unacked instanceof Set)) return unacked.with(connection);
    if (unacked.has(connection)) this.#budget.unacked--;
    return unacked.add(connection);
  }
}
