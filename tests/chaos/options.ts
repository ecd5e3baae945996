/** Parses the command line of chaos. */

import { FAULTS } from "./faults.ts";
import { type JournalName, JOURNALS } from "./stages/stage.ts";
import { listOf, parseValues, randomSeed, UsageError } from "../usage.ts";

export interface ChaosOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly only: readonly string[];
  readonly journals: readonly JournalName[];
  readonly isShort: boolean;
}

/** Thrown when an argument is invalid. */
export { UsageError };

const NAMES: readonly string[] = FAULTS.map(({ name }) => name);

export const USAGE = `deno task chaos [--seed N] [--rounds N] [--only FAULT,…] [--journal JOURNAL,…] [--short]

faults: ${NAMES.join(", ")}
journals: ${JOURNALS.join(", ")}

The seed decides the load, what a fault hits, and when. Round N has the seed after that of round N - 1.
With --short, faults last a few seconds at most.`;

/** @throws {UsageError} if an argument is unknown or invalid */
export function parseOptions(args: string[], freshSeed: () => number = randomSeed): ChaosOptions {
  const text = { type: "string" } as const, flag = { type: "boolean", default: false } as const;
  const options = { seed: text, rounds: text, only: text, journal: text, short: flag };
  const values = parseValues(args, options);
  return {
    seed: values.seed === undefined ? freshSeed() : wholeNumber("seed", { text: values.seed, min: 0 }),
    rounds: wholeNumber("rounds", { text: values.rounds ?? "1", min: 1 }),
    only: listOf("only", { text: values.only, known: NAMES }),
    journals: listOf("journal", { text: values.journal, known: JOURNALS }),
    isShort: values.short,
  };
}

function wholeNumber(option: string, { text, min }: { text: string; min: number }): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= min) return number;
  throw new UsageError(`--${option} ${text}: expected a whole number from ${min}`);
}
