/** Parses the command line of the simulation. */

import { parseValues, UsageError } from "../usage.ts";

export interface SimulationOptions {
  readonly minutes: number;
  /** Infinity: as many as fit into the minutes. */
  readonly rounds: number;
  readonly from: number;
  /** Null: many seeds are played. */
  readonly seed: number | null;
  readonly jobs: number;
  /** Of cases and mutations, only those with this text. */
  readonly only: string;
  readonly mode: "seeds" | "cases" | "mutations";
  readonly isTraced: boolean;
  readonly isHelp: boolean;
}

/** Thrown when an argument is invalid. */
export { UsageError };

export const USAGE = `deno task simulation [options]

  --minutes M      play for M minutes (1)
  --rounds N       play N histories instead
  --from N         begin with this seed (a random one)
  --seed N         play one seed, twice, and print the trace with --trace
  --cases          play the cases by hand
  --mutations      prove that each mutation of the product is noticed
  --only TEXT      of cases and mutations, only those whose name, file or effect has the text
  --jobs N         processor cores to use (2)
  --help           print this

The exit code is 0 if all promises were kept and all mutations noticed, 1 if not, and 2 if an argument is invalid.`;

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean", default: false } as const;
const OPTIONS = {
  minutes: { ...TEXT, default: "1" },
  rounds: TEXT,
  from: TEXT,
  seed: TEXT,
  jobs: { ...TEXT, default: "2" },
  only: { ...TEXT, default: "" },
  trace: FLAG,
  cases: FLAG,
  mutations: FLAG,
  help: FLAG,
} as const;

/** @throws {UsageError} if an argument is unknown or invalid */
export function parseOptions(args: string[]): SimulationOptions {
  const values = parseValues(args, OPTIONS);
  if (values.cases && values.mutations) throw new UsageError("expected --cases or --mutations, and not both");
  if (values.only !== "" && !values.cases && !values.mutations) {
    throw new UsageError("--only needs --cases or --mutations");
  }
  return {
    minutes: numberOf("minutes", values.minutes),
    rounds: values.rounds === undefined ? Infinity : countOf("rounds", values.rounds),
    from: values.from === undefined
      ? 1 + Math.floor(Math.random() * 1_000_000)
      : countOf("from", values.from),
    seed: values.seed === undefined ? null : countOf("seed", values.seed),
    jobs: countOf("jobs", values.jobs),
    only: values.only,
    mode: values.cases ? "cases" : values.mutations ? "mutations" : "seeds",
    isTraced: values.trace,
    isHelp: values.help,
  };
}

function countOf(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} ${text}: expected a whole number from 1 on`);
}

function numberOf(option: string, text: string): number {
  if (/^\d{1,6}(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--${option} ${text}: expected a number above 0`);
}
