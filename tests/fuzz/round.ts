/** A round: the inputs of one seed, played until the time is up or one breaks something, which is then shrunk. */

import * as fc from "fast-check";
import type { FuzzCase } from "./fuzz_case.ts";
import type { AnyPart, Bench, JournalName } from "./part.ts";
import type { Tally } from "./tally.ts";
import { textOf } from "./violation.ts";

/** The inputs of a batch have one seed of fast-check. */
const BATCH = 25;
const MAX_BATCHES = 100_000;
const SHRINK_MS = 60_000;

export interface RoundOptions {
  readonly journal: JournalName;
  readonly seed: number;
  /** How long it plays. */
  readonly ms: number;
  /** Fewer inputs, for a test. */
  readonly maxInputs?: number;
  /** How long it shrinks an input that has broken something. */
  readonly shrinkMs?: number;
}

export interface RoundResult {
  readonly inputs: number;
  /** What came of them. */
  readonly tally: string;
  /** What broke something, as small as it became; null if everything held. */
  readonly finding: Finding | null;
}

export interface Finding {
  readonly violation: string;
  /** Null if only the whole round broke it, which its seed repeats. */
  readonly smallest: FuzzCase | null;
}

export async function playRound(part: AnyPart, options: RoundOptions): Promise<RoundResult> {
  const { journal, seed, ms, maxInputs = Infinity } = options;
  const round = new Round(part, { ...options, bench: await part.open(journal) });
  const until = performance.now() + ms;
  for (let batch = 0; performance.now() < until && round.inputs < maxInputs; batch++) {
    const numRuns = Math.min(BATCH, maxInputs - round.inputs);
    const finding = await round.playBatch({ seed: seed * MAX_BATCHES + batch, numRuns });
    if (finding !== null) return { inputs: round.inputs, tally: round.tally, finding };
  }
  return { inputs: round.inputs, tally: round.tally, finding: await round.finish() };
}

interface RoundDeps extends RoundOptions {
  readonly bench: Bench<unknown>;
}

class Round {
  /** Those that were played, without what was tried to shrink one. */
  inputs = 0;
  readonly #part: AnyPart;
  readonly #options: RoundOptions;
  readonly #arbitrary: fc.Arbitrary<unknown>;
  readonly #tally: Tally;
  #bench: Bench<unknown> | null;
  #shrinkUntil = Infinity;

  constructor(part: AnyPart, { bench, ...options }: RoundDeps) {
    this.#part = part;
    this.#options = options;
    this.#bench = bench;
    this.#arbitrary = bench.inputs;
    this.#tally = bench.tally;
  }

  get tally(): string {
    return `${this.#tally}`;
  }

  /** Resolves with what breaks something; null if nothing does. */
  async playBatch({ seed, numRuns }: { seed: number; numRuns: number }): Promise<Finding | null> {
    const property = fc.asyncProperty(this.#arbitrary, (input) => this.#play(input));
    const details = await fc.check(property, { seed, numRuns });
    if (!details.failed) return null;
    await this.#bench?.[Symbol.asyncDispose]();
    const violation = textOf(details.errorInstance), [input] = details.counterexample ?? [];
    const { name } = this.#part, { journal } = this.#options;
    return { violation, smallest: { part: name, journal, about: firstLine(violation), input } };
  }

  /** Resolves with what does not hold at the end; null if everything does. */
  async finish(): Promise<Finding | null> {
    if (this.#bench === null) return null;
    await using bench = this.#bench;
    try {
      await bench.finish();
      return null;
    } catch (error) {
      return { violation: textOf(error), smallest: null };
    }
  }

  /** What breaks something may break the bench as well, so each try to shrink it has another one. */
  async #play(input: unknown): Promise<void> {
    if (performance.now() > this.#shrinkUntil) return; // as if it broke nothing, which ends the shrinking
    const isShrinking = this.#shrinkUntil < Infinity;
    if (!isShrinking) this.inputs++;
    const bench = this.#bench ??= await this.#part.open(this.#options.journal);
    try {
      await bench.play(input);
    } catch (error) {
      if (!isShrinking) this.#shrinkUntil = performance.now() + (this.#options.shrinkMs ?? SHRINK_MS);
      this.#bench = null;
      await bench[Symbol.asyncDispose]();
      throw error;
    }
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
