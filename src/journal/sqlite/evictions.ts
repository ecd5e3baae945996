/** Departures: what a journal's rings have let go of, until its file has too. */

import type { Kept } from "../index/target_log.ts";
import type { Departure } from "../index/retention_index.ts";
import type { Write } from "./file.ts";

/** The part of a write that lets go. */
export type Leaving = Pick<Write, "departed" | "forgotten" | "lostThrough" | "losses">;

/** Losses are written with the entries that are lost, so that the file never has a hole that it does not know of. */
export class Departures {
  readonly #departed: number[] = [];
  readonly #forgotten: number[] = [];
  readonly #losses = new Map<string | null, number>();
  #lostThrough: number;

  constructor(lostThrough: number) {
    this.#lostThrough = lostThrough;
  }

  get size(): number {
    return this.#departed.length + this.#forgotten.length;
  }

  /** An entry has left its ring. */
  depart({ target, sequence }: Kept, why: Departure): void {
    this.#departed.push(sequence);
    if (why === "crowded out") this.#losses.set(target, sequence);
    if (why === "over") this.#lostThrough = Math.max(this.#lostThrough, sequence);
  }

  /** A sent id is not remembered any more. */
  forget(sequence: number): void {
    this.#forgotten.push(sequence);
  }

  /** The first of them, at most so many of each kind, and all losses. */
  first(most: number): Leaving {
    return {
      departed: this.#departed.slice(0, most),
      forgotten: this.#forgotten.slice(0, most),
      lostThrough: this.#lostThrough,
      losses: Array.from(this.#losses, ([target, sequence]) => ({ target, sequence })),
    };
  }

  /** These are written; what came since then is not. */
  written({ departed, forgotten, losses }: Leaving): void {
    this.#departed.splice(0, departed.length);
    this.#forgotten.splice(0, forgotten.length);
    for (const { target, sequence } of losses) {
      if (this.#losses.get(target) === sequence) this.#losses.delete(target);
    }
  }
}
