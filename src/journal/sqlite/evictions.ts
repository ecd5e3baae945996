/** Evictions: what the indexes of a SQLite journal have let go of, and its file has not deleted yet. */

import type { EntryMeta } from "../index/target_log.ts";
import type { EvictionReason } from "../index/retention_index.ts";
import { erasedName } from "../index/erasures.ts";
import type { FileWrite, SentId } from "./tables.ts";

/** The part of a write that deletes. */
export type PendingEvictions = Pick<
  FileWrite,
  "evicted" | "forgottenIds" | "completeAfter" | "losses" | "changedIds" | "erasedTargets"
>;

/** Losses are written in the transaction that deletes the lost entries, so the file always knows of every hole. */
export class Evictions {
  readonly #evicted: number[] = [];
  readonly #forgottenIds: number[] = [];
  readonly #losses = new Map<string | null, number>();
  readonly #changedIds: SentId[] = [];
  readonly #erasedTargets: string[] = [];
  #completeAfter: number;

  constructor(completeAfter: number) {
    this.#completeAfter = completeAfter;
  }

  get size(): number {
    const { length: changed } = this.#changedIds, { length: erased } = this.#erasedTargets;
    return this.#evicted.length + this.#forgottenIds.length + changed + erased;
  }

  /** Called when the retention index evicts an entry. */
  evict({ target, sequence }: EntryMeta, reason: EvictionReason): void {
    if (reason === "retention" || reason === "damaged") return this.discard(sequence);
    this.#evicted.push(sequence);
    if (reason === "target limit") this.#losses.set(target, sequence);
  }

  /** Called for an entry that counts as lost to every target: to those that have not read up to `completeAfter`. */
  discard(sequence: number, completeAfter = sequence): void {
    this.#evicted.push(sequence);
    this.#completeAfter = Math.max(this.#completeAfter, completeAfter);
  }

  /** Called when the idempotency index forgets an append. */
  forgetId(sequence: number): void {
    this.#forgottenIds.push(sequence);
  }

  /** Called before a target is erased: what stands for its name has lost everything up to this sequence number. */
  beginErasure(target: string, sequence: number): void {
    this.#losses.delete(target);
    this.#losses.set(erasedName(target), sequence);
    this.#erasedTargets.push(target);
  }

  /** Called when the idempotency index remembers an append under another name. */
  changeId(id: SentId): void {
    this.#changedIds.push(id);
  }

  /** Returns the oldest evictions, at most `max` of each kind, and all losses. They stay until `confirm`. */
  oldest(max: number): PendingEvictions {
    return {
      evicted: this.#evicted.slice(0, max),
      forgottenIds: this.#forgottenIds.slice(0, max),
      completeAfter: this.#completeAfter,
      changedIds: this.#changedIds.slice(0, max),
      erasedTargets: [...this.#erasedTargets],
      losses: Array.from(this.#losses, ([target, sequence]) => ({ target, sequence })),
    };
  }

  /** Removes what has been written. A loss stays if the target has lost more since. */
  confirm({ evicted, forgottenIds, losses, changedIds, erasedTargets }: PendingEvictions): void {
    this.#changedIds.splice(0, changedIds.length);
    this.#erasedTargets.splice(0, erasedTargets.length);
    this.#evicted.splice(0, evicted.length);
    this.#forgottenIds.splice(0, forgottenIds.length);
    for (const { target, sequence } of losses) {
      if (this.#losses.get(target) === sequence) this.#losses.delete(target);
    }
  }
}
