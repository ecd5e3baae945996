/** Pending writes: appends and marks that wait for the next transaction of the SQLite journal. */

import type { Draft, Receipt, UnavailableError } from "../journal.ts";
import { markedReceipt } from "../mark.ts";
import type { MarkReceipt, ReadChange, ReadEntry } from "../read.ts";
import type { WaitingWrite } from "./group_commit.ts";
import type { BatchMark, WriteBatch } from "./write_batch.ts";

/** All notifications that a batch marks as read; null for a damaged one. */
export type NewlyRead = readonly (ReadEntry | null)[];

export interface PendingWrite extends WaitingWrite<NewlyRead> {
  /** The number of entries that it may add. */
  readonly size: number;
  /** Called in the order of the writes, before the batch is written. */
  addTo(batch: WriteBatch): void;
}

export class PendingAppend implements PendingWrite {
  readonly #drafts: readonly Draft[];
  readonly #written = Promise.withResolvers<readonly Receipt[]>();
  #receipts: readonly Receipt[] = [];

  constructor(drafts: readonly Draft[]) {
    this.#drafts = drafts;
  }

  get written(): Promise<readonly Receipt[]> {
    return this.#written.promise;
  }

  get size(): number {
    return this.#drafts.length;
  }

  addTo(batch: WriteBatch): void {
    this.#receipts = this.#drafts.map((draft) => batch.add(draft));
  }

  settle(): void {
    this.#written.resolve(this.#receipts);
  }

  reject(reason: UnavailableError): void {
    this.#written.reject(reason);
  }
}

/** An erasure, or what follows it: a transaction that deletes what the erasure has evicted. */
export class PendingErasure implements PendingWrite {
  readonly size = 0;
  readonly #target: string | null;
  readonly #written = Promise.withResolvers<void>();

  /** @param target null: only deletes */
  constructor(target: string | null) {
    this.#target = target;
  }

  get written(): Promise<void> {
    return this.#written.promise;
  }

  addTo(batch: WriteBatch): void {
    if (this.#target !== null) batch.erase(this.#target);
  }

  settle(): void {
    this.#written.resolve();
  }

  reject(reason: UnavailableError): void {
    this.#written.reject(reason);
  }
}

export class PendingMark implements PendingWrite {
  readonly size = 1;
  readonly #target: string;
  readonly #change: ReadChange;
  readonly #written = Promise.withResolvers<MarkReceipt>();
  #mark: BatchMark = { outcome: "unchanged" };

  constructor(target: string, change: ReadChange) {
    this.#target = target;
    this.#change = change;
  }

  get written(): Promise<MarkReceipt> {
    return this.#written.promise;
  }

  addTo(batch: WriteBatch): void {
    this.#mark = batch.mark(this.#target, this.#change);
  }

  settle(newlyRead: NewlyRead): void {
    if (this.#mark.outcome !== "marked") return this.#written.resolve(this.#mark);
    const { from, to } = this.#mark;
    this.#written.resolve(markedReceipt(newlyRead.slice(from, to).filter((one) => one !== null)));
  }

  reject(reason: UnavailableError): void {
    this.#written.reject(reason);
  }
}
