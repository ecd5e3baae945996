/** Sequencer: issues the sequence numbers of a journal, and translates them to positions and back. */

import { type Position, positionOf } from "../../wire/position.ts";

/** Sequence numbers that were skipped, without both ends: no position with one of them was ever issued. */
export interface Gap {
  readonly after: number;
  readonly before: number;
}

export class Sequencer {
  readonly #epoch: string;
  readonly #gaps: readonly Gap[];
  #head: number;
  #lastIssued: number;
  /** Idle connections all start at the head, so they share one string. */
  #latest: { readonly sequence: number; readonly position: Position } | undefined;

  /**
   * @param head the sequence number of the newest entry, or 0 if there is none
   * @param start the first number to issue
   */
  constructor(epoch: string, { head = 0, start = head + 1, gaps = [] }: {
    head?: number;
    start?: number;
    gaps?: readonly Gap[];
  } = {}) {
    this.#epoch = epoch;
    this.#head = head;
    this.#lastIssued = start - 1;
    this.#gaps = gaps;
  }

  /** The sequence number of the newest entry. */
  get head(): number {
    return this.#head;
  }

  /** Issues a number for the next entry. It is not issued again, even if that entry cannot be stored. */
  next(): number {
    return ++this.#lastIssued;
  }

  /** Moves the head: every entry with a number up to this one is stored now, or never will be. */
  advanceTo(head: number): void {
    this.#head = head;
  }

  positionOf(sequence: number): Position {
    if (this.#latest?.sequence !== sequence) {
      this.#latest = { sequence, position: positionOf(this.#epoch, sequence) };
    }
    return this.#latest.position;
  }

  /**
   * Returns the sequence number of a position. It is undefined if the position is from another journal, or from a run
   * whose entries this journal does not have: they were lost in a power cut, or are in another copy of the file.
   */
  sequenceOf(position: Position): number | undefined {
    const [epoch, digits = "", ...rest] = position.split("-");
    const sequence = parseInt(digits, 36);
    if (epoch !== this.#epoch || rest.length > 0 || sequence > this.#head) return undefined;
    return this.#gaps.some(({ after, before }) => after < sequence && sequence < before)
      ? undefined
      : sequence;
  }
}
