/** Departures: what a journal's rings have let go of, until its file has too. */

import type { EntryMeta } from "../index/target_log.ts";
import type { EvictionReason } from "../index/retention_index.ts";
import type { Write } from "./file.ts";

/** The part of a write that lets go. */
export type PendingEvictions = Pick<Write, "departed" | "forgotten" | "completeAfter" | "losses">;

/** Losses are written with the entries that are lost, so that the file never has a hole that it does not know of. */
export class Evictions {
  readonly #departed: number[] = [];
  readonly #forgotten: number[] = [];
  readonly #losses = new Map<string | null, number>();
  #completeAfter: number;

  constructor(completeAfter: number) {
    this.#completeAfter = completeAfter;
  }

  get size(): number {
    return this.#departed.length + this.#forgotten.length;
  }

  /** An entry has left its ring. */
  depart({ target, sequence }: EntryMeta, why: EvictionReason): void {
    this.#departed.push(sequence);
    if (why === "crowded out") this.#losses.set(target, sequence);
    if (why === "over") this.#completeAfter = Math.max(this.#completeAfter, sequence);
  }

  /** A sent id is not remembered any more. */
  forget(sequence: number): void {
    this.#forgotten.push(sequence);
  }

  /** The first of them, at most so many of each kind, and all losses. */
  first(max: number): PendingEvictions {
    return {
      departed: this.#departed.slice(0, max),
      forgotten: this.#forgotten.slice(0, max),
      completeAfter: this.#completeAfter,
      losses: Array.from(this.#losses, ([target, sequence]) => ({ target, sequence })),
    };
  }

  /** These are written; what came since then is not. */
  written({ departed, forgotten, losses }: PendingEvictions): void {
    this.#departed.splice(0, departed.length);
    this.#forgotten.splice(0, forgotten.length);
    for (const { target, sequence } of losses) {
      if (this.#losses.get(target) === sequence) this.#losses.delete(target);
    }
  }
}
