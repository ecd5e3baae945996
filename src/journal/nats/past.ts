/** Past: finds out whether a position is from the history that the stream has now. */

import type { Position } from "../../wire/position.ts";
import type { Fences } from "./fences.ts";
import { NO_STAMP, parsePosition, type StampedNumber } from "./stamp.ts";
import type { StampReader } from "./stamp_reader.ts";

/** The range of sequence numbers that the stream holds at one moment. */
export interface StreamRange {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

export class Past {
  readonly #stamps: StampReader;
  readonly #fences: Fences;

  constructor(stamps: StampReader, fences: Fences) {
    this.#stamps = stamps;
    this.#fences = fences;
  }

  /**
   * Resolves with the number and the stamp at a position. Null if the position is from another stream, or from a future
   * that this stream has lost: from beyond its end, or with a number that another message has now, or had.
   */
  async locate(position: Position, range: Promise<StreamRange>): Promise<StampedNumber | null> {
    const { epoch, sequence, stamp } = parsePosition(position);
    const [stream, stored] = await Promise.all([range, this.#stamps.at(sequence)]);
    if (epoch !== stream.epoch || sequence > stream.last) return null;
    if (stamp === undefined) return { sequence, stamp: stored ?? NO_STAMP };
    if (stored !== undefined) return stored === stamp ? { sequence, stamp } : null;
    // The message has expired, or was replaced or evicted.
    const isLost = stamp !== NO_STAMP && await this.#fences.contradict({ sequence, stamp });
    return isLost ? null : { sequence, stamp };
  }
}
