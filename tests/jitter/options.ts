/** Parses the command line of jitter. */

import { NAMES } from "./contestants.ts";
import type { LanguageName } from "./load/languages.ts";
import { PUBLISHED_SECONDS, type Scenario } from "./scenario.ts";
import { listOf, parseValues, UsageError } from "../usage.ts";

export interface JitterOptions {
  /** The scenario of the first round. */
  readonly scenario: Scenario;
  readonly rounds: number;
  readonly only: readonly LanguageName[];
  /** A file that keeps the results. */
  readonly results: string | null;
  readonly plots: boolean;
  readonly helps: boolean;
}

/** Thrown when an argument is invalid. */
export { UsageError };

export const USAGE =
  `deno task jitter [--clients N] [--seconds N] [--rounds N] [--seed N] [--only SERVER,…] [--results FILE] [--plot]

servers: ${NAMES.join(", ")}

--clients N     the number of clients (2000)
--seconds N     for how long connections are cut (${PUBLISHED_SECONDS}); a shorter scenario has as many messages and
                cuts, which come faster
--rounds N      how often each server is measured (1); 0 measures none, and shows what the file has
--seed N        decides the cuts of the first round (1); each round has the seed after that of the one before
--results FILE  keeps each result in a file, and does not repeat what it has
--plot          draws tests/jitter/jitter.svg, and writes the table into the README`;

/** @throws {UsageError} if an argument is unknown or invalid */
export function parseOptions(args: string[]): JitterOptions {
  const text = { type: "string" } as const, flag = { type: "boolean", default: false } as const;
  const numbers = { clients: text, seconds: text, rounds: text, seed: text };
  const options = { ...numbers, only: text, results: text, plot: flag, help: flag };
  const values = parseValues(args, options);
  const number = (option: keyof typeof numbers, range: Range) => numberOf(option, values[option], range);
  return {
    scenario: {
      clients: number("clients", { min: 1, max: 10_000, fallback: 2_000 }),
      seconds: number("seconds", { min: 1, max: 3_600, fallback: PUBLISHED_SECONDS }),
      seed: number("seed", { min: 0, max: 999_999, fallback: 1 }),
    },
    rounds: number("rounds", { min: 0, max: 999, fallback: 1 }),
    only: listOf("only", { text: values.only, known: NAMES }),
    results: values.results ?? null,
    plots: values.plot,
    helps: values.help,
  };
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}

function numberOf(option: string, text: string | undefined, { min, max, fallback }: Range): number {
  const number = text === undefined ? fallback : /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`--${option} ${text}: expected a whole number from ${min} to ${max}`);
}
