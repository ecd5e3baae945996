/** Counts: to how many connections each of the latest notifications was handed, and which of those can still ack it. */

import type { Report } from "./report.ts";
import { SmallSet } from "./small_set.ts";
import { type Ledger, Tally } from "./tally.ts";

/**
 * Columns, with a place for each notification: they live so long that objects would be moved by the garbage
 * collector, and marked, several times each, which made a notification an eighth more expensive.
 */
export class Counts {
  readonly #ledger: Ledger;
  readonly #acceptedAt: Float64Array;
  readonly #sent: Uint32Array;
  readonly #acked: Uint32Array;
  readonly #firstAckMs: Float64Array; // NaN: there is none
  readonly #awaiting: (string | SmallSet | undefined)[] = []; // mostly it is one connection, or none
  readonly #tallies = new Map<number, Tally>(); // of those that somebody waits for

  constructor(places: number, ledger: Ledger) {
    this.#ledger = ledger;
    this.#acceptedAt = new Float64Array(places);
    this.#sent = new Uint32Array(places);
    this.#acked = new Uint32Array(places);
    this.#firstAckMs = new Float64Array(places);
  }

  /** Begins to count for a notification, at a place where nothing is counted. */
  begin(place: number, acceptedAt: number): void {
    this.#acceptedAt[place] = acceptedAt;
    this.#sent[place] = this.#acked[place] = 0;
    this.#firstAckMs[place] = NaN;
  }

  acceptedAt(place: number): number {
    return this.#acceptedAt[place] ?? 0;
  }

  report(place: number, id: string): Report {
    const firstAckMs = this.#firstAckMs[place] ?? NaN;
    return {
      id,
      acceptedAt: this.acceptedAt(place),
      sent: this.#sent[place] ?? 0,
      acked: this.#acked[place] ?? 0,
      firstAckMs: Number.isNaN(firstAckMs) ? null : firstAckMs,
    };
  }

  /** The connection was handed it, once. 1,000 tabs of a target call this 1,000 times for each notification. */
  sent(place: number, connection: string): void {
    this.#sent[place] = (this.#sent[place] ?? 0) + 1;
    this.#ledger.awaiting++;
    const awaiting = this.#awaiting[place];
    if (awaiting === undefined) this.#awaiting[place] = connection;
    else if (typeof awaiting === "string") this.#awaiting[place] = new SmallSet(awaiting, connection);
    else awaiting.add(connection);
    if (this.#tallies.size > 0) this.#tallies.get(place)?.sent(connection);
  }

  /** The connection has it. What it was not handed, or has acked before, doesn't count. */
  acked(place: number, { connection, now }: { connection: string; now: number }): void {
    const awaiting = this.#awaiting[place];
    if (awaiting === connection) this.#awaiting[place] = undefined;
    else if (typeof awaiting !== "object" || !awaiting.delete(connection)) return;
    this.#acked[place] = (this.#acked[place] ?? 0) + 1;
    this.#ledger.awaiting--;
    if (Number.isNaN(this.#firstAckMs[place])) {
      this.#firstAckMs[place] = Math.max(0, now - this.acceptedAt(place)); // the clock may have been another's
    }
    this.#tallies.get(place)?.acked();
  }

  /** The tally that somebody is going to watch. */
  tally(place: number): Tally {
    const known = this.#tallies.get(place);
    if (known !== undefined) return known;
    const waiting = this.#awaiting[place];
    const awaiting = typeof waiting === "object"
      ? waiting
      : new SmallSet(...(waiting === undefined ? [] : [waiting]));
    const tally = new Tally(awaiting, { ledger: this.#ledger, unwatched: () => this.#tallies.delete(place) });
    this.#awaiting[place] = awaiting;
    this.#tallies.set(place, tally);
    return tally;
  }

  /** Makes room: nothing is counted here any more, and nobody has to wait for it. */
  forget(place: number): void {
    const awaiting = this.#awaiting[place];
    this.#awaiting[place] = undefined;
    if (awaiting === undefined) return;
    this.#ledger.awaiting -= typeof awaiting === "string" ? 1 : awaiting.size;
    const tally = this.#tallies.get(place);
    this.#tallies.delete(place);
    tally?.forget();
  }
}
