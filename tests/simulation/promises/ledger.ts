/** The ledger: everything that the journals of a history have accepted, in order, and what each target has read by it. */

import type { Draft } from "../../../src/journal/journal.ts";
import type { ReadChange } from "../../../src/journal/read.ts";
import type { Position } from "../../../src/wire/position.ts";

/** A notification, or a mark, as the journal has accepted it. */
export interface LedgerEntry {
  readonly position: Position;
  /** Null: everyone. */
  readonly target: string | null;
  /** Null: a mark. */
  readonly draft: Draft | null;
  /** Milliseconds of the simulation. */
  readonly acceptedAt: number;
  readonly expiresAt: number;
  /** True if its own `ttl` ends it, which is no loss. */
  readonly hasOwnTtl: boolean;
  /** True if a later one of its topic, or a later mark, took its place. */
  isReplaced: boolean;
}

/** Journals count in whole milliseconds. */
const CLOCK_MS = 2;

export class Ledger {
  /** Called with each notification that is accepted, before it is a part of the ledger. */
  onAdd: (entry: LedgerEntry) => void = () => {};
  readonly #entries: LedgerEntry[] = [];
  readonly #byPosition = new Map<Position, LedgerEntry>();
  readonly #newestOf = new Map<string, LedgerEntry>();
  readonly #read = new Map<string, Map<Position, boolean>>();
  #firstLossAt = Infinity;

  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  at(position: Position): LedgerEntry | undefined {
    return this.#byPosition.get(position);
  }

  /** The newest position; undefined if nothing was accepted. */
  get head(): Position | undefined {
    return this.#entries.at(-1)?.position;
  }

  /** True once an entry has expired whose loss tabs must be told of. */
  hasExpired(now: number): boolean {
    return this.#firstLossAt <= now + CLOCK_MS;
  }

  add(entry: LedgerEntry): void {
    if (entry.draft !== null) this.onAdd(entry);
    let index = this.#entries.length; // marks become known a little later than notifications
    while (index > 0 && isBefore(entry, this.#entries[index - 1])) index--;
    this.#entries.splice(index, 0, entry);
    this.#byPosition.set(entry.position, entry);
    if (!entry.hasOwnTtl && entry.draft !== null) {
      this.#firstLossAt = Math.min(this.#firstLossAt, entry.expiresAt);
    }
    this.#replace(entry);
  }

  /** How many notifications of a target were accepted under this id: more than one if a journal has forgotten it. */
  countOf(id: string, target: string | null): number {
    return this.#entries.filter((entry) => entry.draft?.id === id && entry.target === target).length;
  }

  /** What a stream of the target has between two positions of the same journal, the newest first. */
  *between(target: string, after: Position, before: Position | null): Generator<LedgerEntry> {
    const journal = journalOf(before ?? after);
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const entry = this.#entries[index];
      if (entry === undefined || (before !== null && entry.position >= before)) continue;
      if (journalOf(entry.position) !== journal || entry.position <= after) return;
      if (entry.target === null || entry.target === target) yield entry;
    }
  }

  /** True if nobody misses the entry, although it was accepted. */
  mayBeMissing({ isReplaced, hasOwnTtl, expiresAt, draft }: LedgerEntry, now: number): boolean {
    return isReplaced || ((hasOwnTtl || draft === null) && expiresAt <= now + CLOCK_MS);
  }

  /** Records what a target has marked. */
  mark(target: string, change: ReadChange): void {
    const read = this.#read.get(target) ?? new Map<Position, boolean>();
    this.#read.set(target, read);
    if ("positions" in change) {
      for (const position of change.positions) {
        if (this.#isOf(target, position)) read.set(position, change.type === "read");
      }
    } else if (this.#byPosition.has(change.through)) {
      for (const { position } of this.between(target, "", change.through)) read.set(position, true);
      read.set(change.through, true);
    }
  }

  isRead(target: string, position: Position): boolean {
    return this.#read.get(target)?.get(position) ?? false;
  }

  #isOf(target: string, position: Position): boolean {
    const entry = this.#byPosition.get(position);
    return entry !== undefined && (entry.target === null || entry.target === target);
  }

  #replace(entry: LedgerEntry): void {
    if (entry.draft !== null && entry.draft.topic === null) return;
    const journal = journalOf(entry.position);
    const kind = JSON.stringify([journal, entry.target, entry.draft === null, entry.draft?.topic]);
    const former = this.#newestOf.get(kind);
    if (former !== undefined && isBefore(entry, former)) entry.isReplaced = true;
    else if (former !== undefined) former.isReplaced = true;
    if (!entry.isReplaced) this.#newestOf.set(kind, entry);
  }
}

/** Positions of the same journal sort as text. */
export function journalOf(position: Position): string {
  return position.slice(0, position.indexOf("-"));
}

function isBefore(entry: LedgerEntry, other: LedgerEntry | undefined): boolean {
  return other !== undefined && journalOf(entry.position) === journalOf(other.position) &&
    entry.position < other.position;
}
