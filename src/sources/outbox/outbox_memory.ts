/** What a worker remembers of rows from one batch to the next. */

import type { PublishedRows } from "./publish_rows.ts";
import type { OutboxRow } from "./rows.ts";

const MAX_POSTPONED = 10_000; // more are tried again at once
const MAX_UNCONFIRMED = 4_096;

/**
 * The journal forgets ids in time. So that a database that is away for hours gets no row published twice, the worker
 * itself remembers the rows that it has published and whose deletion is not confirmed.
 */
export class OutboxMemory {
  readonly #postponeMs: number;
  readonly #unconfirmed = new Set<string>();
  readonly #postponed = new Set<string>(); // numbers
  #postponedUntil = 0; // a time of performance.now()

  constructor({ postponeMs }: { postponeMs: number }) {
    this.#postponeMs = postponeMs;
  }

  /** The numbers of the rows that are not to be taken for now. */
  postponed(): Iterable<string> {
    if (performance.now() > this.#postponedUntil) this.#postponed.clear();
    return this.#postponed;
  }

  /** Divides rows into those that were published already, and the others. */
  divide(rows: readonly OutboxRow[]): { known: readonly OutboxRow[]; fresh: readonly OutboxRow[] } {
    if (this.#unconfirmed.size === 0) return { known: [], fresh: rows };
    const isKnown = (row: OutboxRow) => this.#unconfirmed.has(keyOf(row));
    return { known: rows.filter(isKnown), fresh: rows.filter((row) => !isKnown(row)) };
  }

  /** Called when rows were published, and before they are settled. */
  add({ kept, postponed }: Pick<PublishedRows, "kept" | "postponed">): void {
    if (this.#unconfirmed.size > MAX_UNCONFIRMED) this.#unconfirmed.clear(); // other workers have deleted them
    for (const row of kept) this.#unconfirmed.add(keyOf(row));
    if (postponed.length === 0) return;
    if (this.#postponed.size > MAX_POSTPONED) this.#postponed.clear();
    if (this.#postponed.size === 0) this.#postponedUntil = performance.now() + this.#postponeMs;
    for (const { number } of postponed) this.#postponed.add(number);
  }

  /** Called when rows are deleted. */
  settled(rows: readonly OutboxRow[]): void {
    for (const row of rows) this.#unconfirmed.delete(keyOf(row));
  }
}

/** A table that was emptied may count from 1 again, so the number alone is not enough. */
function keyOf({ number, id }: OutboxRow): string {
  return `${number} ${id}`;
}
