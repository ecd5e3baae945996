/** Counts: to how many connections each of the latest notifications was handed, and which of those can still ack it. */

import { SharedIdList } from "./shared_id_list.ts";
import type { Report } from "./report.ts";
import { type Budget, PendingAcks } from "./pending_acks.ts";

/** Connections: mostly one or none; only for what was acked, or is waited for, a set that changes. */
type Awaiting = undefined | string | SharedIdList | Set<string>;

/**
 * Columns, with a place for each notification: they live so long that objects would be moved by the garbage
 * collector, and marked, several times each, which made a notification an eighth more expensive. Notifications are
 * numbered as they come; those that are a whole number of `places` apart have the same place, one after the other.
 */
export class ReportColumns {
  readonly #ledger: Budget;
  readonly #places: number;
  readonly #acceptedAt: Float64Array;
  readonly #sent: Uint32Array;
  readonly #acked: Uint32Array;
  readonly #firstAckMs: Float64Array; // NaN: there is none
  readonly #awaiting: Awaiting[];
  readonly #tallies = new Map<number, PendingAcks>(); // of those that somebody waits for, by place

  constructor(places: number, ledger: Budget) {
    this.#ledger = ledger;
    this.#places = places;
    this.#acceptedAt = new Float64Array(places);
    this.#sent = new Uint32Array(places);
    this.#acked = new Uint32Array(places);
    this.#firstAckMs = new Float64Array(places);
    this.#awaiting = new Array<Awaiting>(places).fill(undefined);
  }

  /** Begins to count for a notification; the one before at its place must have been forgotten. */
  begin(number: number, acceptedAt: number): void {
    const place = this.#placeOf(number);
    this.#acceptedAt[place] = acceptedAt;
    this.#sent[place] = this.#acked[place] = 0;
    this.#firstAckMs[place] = NaN;
  }

  acceptedAt(number: number): number {
    return this.#acceptedAt[this.#placeOf(number)] ?? 0;
  }

  report(number: number, id: string): Report {
    const place = this.#placeOf(number);
    const firstAckMs = this.#firstAckMs[place] ?? NaN;
    return {
      id,
      acceptedAt: this.#acceptedAt[place] ?? 0,
      sent: this.#sent[place] ?? 0,
      acked: this.#acked[place] ?? 0,
      firstAckMs: Number.isNaN(firstAckMs) ? null : firstAckMs,
    };
  }

  /** The connection was handed these, each once. 1,000 tabs of a target call this 1,000 times for each batch. */
  sent(numbers: readonly number[], connection: string): void {
    let before: Awaiting, after: Awaiting = connection;
    for (const number of numbers) {
      const place = this.#placeOf(number);
      const awaiting = this.#awaiting[place];
      if (awaiting !== before) after = this.#plus(before = awaiting, connection); // of a batch, mostly all have the same
      this.#awaiting[place] = after;
      this.#sent[place] = (this.#sent[place] ?? 0) + 1;
      if (this.#tallies.size > 0) this.#tallies.get(place)?.sent(connection);
    }
    this.#ledger.awaiting += numbers.length;
  }

  /** The connection has it. What it was not handed, or has acked before, doesn't count. */
  acked(number: number, { connection, now }: { connection: string; now: number }): void {
    const place = this.#placeOf(number);
    const awaiting = this.#awaiting[place];
    if (awaiting === connection) this.#awaiting[place] = undefined;
    else if (typeof awaiting !== "object" || !this.#setAt(place).delete(connection)) return;
    this.#acked[place] = (this.#acked[place] ?? 0) + 1;
    this.#ledger.awaiting--;
    if (Number.isNaN(this.#firstAckMs[place])) {
      this.#firstAckMs[place] = Math.max(0, now - this.acceptedAt(number)); // the clock may have been another's
    }
    this.#tallies.get(place)?.acked();
  }

  /** The tally that somebody is going to watch. */
  tally(number: number): PendingAcks {
    const place = this.#placeOf(number);
    const known = this.#tallies.get(place);
    if (known !== undefined) return known;
    const unwatched = () => this.#tallies.delete(place);
    const tally = new PendingAcks(this.#setAt(place), { ledger: this.#ledger, unwatched });
    this.#tallies.set(place, tally);
    return tally;
  }

  /** Makes room: nothing is counted for it any more, and nobody has to wait for it. */
  forget(number: number): void {
    const place = this.#placeOf(number);
    const awaiting = this.#awaiting[place];
    this.#awaiting[place] = undefined;
    if (awaiting === undefined) return;
    this.#ledger.awaiting -= typeof awaiting === "string" ? 1 : awaiting.size;
    const tally = this.#tallies.get(place);
    this.#tallies.delete(place);
    tally?.forget();
  }

  #placeOf(number: number): number {
    return number % this.#places;
  }

  /** Whoever is awaited there, from now on as a set that changes. */
  #setAt(place: number): Set<string> {
    const awaiting = this.#awaiting[place];
    if (awaiting instanceof Set) return awaiting;
    const set = new Set(typeof awaiting === "string" ? [awaiting] : awaiting);
    if (awaiting instanceof SharedIdList) this.#ledger.awaiting -= awaiting.size - set.size;
    return this.#awaiting[place] = set;
  }

  /** Who is there already was handed the same id again: only a set knows that, and has it once. */
  #plus(awaiting: Awaiting, connection: string): Awaiting {
    if (awaiting === undefined) return connection;
    if (typeof awaiting === "string") return SharedIdList.of(awaiting, connection);
    if (!(awaiting instanceof Set)) return awaiting.and(connection);
    if (awaiting.has(connection)) this.#ledger.awaiting--;
    return awaiting.add(connection);
  }
}
