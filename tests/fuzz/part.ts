/** A part of Tidings that is fuzzed: which inputs it takes, and what must hold after each of them. */

import type * as fc from "fast-check";
import type { Tally } from "./tally.ts";

export const JOURNALS = ["memory", "sqlite"] as const;

export type JournalName = typeof JOURNALS[number];

export interface Part<Input> {
  readonly name: string;
  /** The journals that make a difference to it; the part is opened with each in turn. */
  readonly journals: readonly JournalName[];
  /** Prepares what inputs are played against. */
  open(journal: JournalName): Promise<Bench<Input>>;
}

/** What inputs are played against, one after the other. */
export interface Bench<Input> extends AsyncDisposable {
  /** Inputs are JSON, so that one can be kept in a file. */
  readonly inputs: fc.Arbitrary<Input>;
  /** Plays an input, and rejects with a `Violation` if something does not hold after it. */
  play(input: Input): Promise<void>;
  /** Rejects with a `Violation` if something does not hold at the end of a round. */
  finish(): Promise<void>;
  /** What came of the inputs so far, counted by kind, so that a reader sees what was reached. */
  readonly tally: Tally;
}

/** A part whatever its inputs are. */
export type AnyPart = Part<unknown>;
