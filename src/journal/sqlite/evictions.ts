/** Evictions: what the indexes of a SQLite journal have let go of, and its file has not deleted yet. */

import type { EntryMeta } from "../index/target_log.ts";
import type { EvictionReason } from "../index/retention_index.ts";
import type { FileWrite } from "./tables.ts";

/** The part of a write that deletes. */
export type PendingEvictions = Pick<FileWrite, "evicted" | "forgottenIds" | "completeAfter" | "losses">;

/** Losses are written in the transaction that deletes the lost entries, so the file always knows of every hole. */
export class Evictions {
  readonly #evicted: number[] = [];
  readonly #forgottenIds: number[] = [];
  readonly #losses = new Map<string | null, number>();
  #completeAfter: number;

  constructor(completeAfter: number) {
    this.#completeAfter = completeAfter;
  }

  get size(): number {
    return this.#evicted.length + this.#forgottenIds.length;
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

  /** Returns the oldest evictions, at most `max` of each kind, and all losses. They stay until `confirm`. */
  oldest(max: number): PendingEvictions {
    return {
      evicted: this.#evicted.slice(0, max),
      forgottenIds: this.#forgottenIds.slice(0, max),
      completeAfter: this.#completeAfter,
      losses: Array.from(this.#losses, ([target, sequence]) => ({ target, sequence })),
    };
  }

  /** Removes what has been written. A loss stays if the target has lost more since. */
  confirm({ evicted, forgottenIds, losses }: PendingEvictions): void {
    this.#evicted.splice(0, evicted.length);
    this.#forgottenIds.splice(0, forgottenIds.length);
    for (const { target, sequence } of losses) {
      if (this.#losses.get(target) === sequence) this.#losses.delete(target);
    }
  }
}
