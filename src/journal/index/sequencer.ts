/** A timeline: which positions a journal has given out, and the number of each in its order. */

import { type Position, positionOf } from "../../wire/position.ts";

/** Numbers that were skipped, both ends not among them: no position with one of them was ever given out. */
export interface Gap {
  readonly after: number;
  readonly before: number;
}

export class Sequencer {
  readonly #epoch: string;
  readonly #gaps: readonly Gap[];
  #head: number;
  #given: number;
  #latest: { readonly sequence: number; readonly position: Position } | undefined; // idle connections share the text

  /** @param head of the newest entry that is kept, 0 if there was none; entries are numbered from `start` on */
  constructor(epoch: string, { head = 0, start = head + 1, gaps = [] }: {
    head?: number;
    start?: number;
    gaps?: readonly Gap[];
  } = {}) {
    this.#epoch = epoch;
    this.#head = head;
    this.#given = start - 1;
    this.#gaps = gaps;
  }

  /** Of the newest entry that is kept. */
  get head(): number {
    return this.#head;
  }

  /** A number for the next entry. It is given once, also if that entry is not kept after all. */
  give(): number {
    return ++this.#given;
  }

  /** Everything with a number up to this one is kept now, or never will be. */
  reach(head: number): void {
    this.#head = head;
  }

  positionOf(sequence: number): Position {
    if (this.#latest?.sequence !== sequence) {
      this.#latest = { sequence, position: positionOf(this.#epoch, sequence) };
    }
    return this.#latest.position;
  }

  /** The number of a position; undefined if it is of another journal, or of a future that this one lost. */
  sequenceOf(position: Position): number | undefined {
    const [epoch, digits = ""] = position.split("-");
    const sequence = parseInt(digits, 36);
    if (epoch !== this.#epoch || sequence > this.#head) return undefined;
    return this.#gaps.some(({ after, before }) => after < sequence && sequence < before)
      ? undefined
      : sequence;
  }
}
