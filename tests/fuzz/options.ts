/** Parses the command line of the fuzzers. */

import { type JournalName, JOURNALS } from "./part.ts";
import { PARTS } from "./parts.ts";
import { listOf, parseValues, UsageError } from "../usage.ts";

export interface FuzzOptions {
  readonly minutes: number;
  /** That of the first round; each later one has the next. */
  readonly seed: number;
  readonly only: readonly string[];
  readonly journals: readonly JournalName[];
  /** Files with cases to play instead. */
  readonly replay: readonly string[];
  readonly isHelp: boolean;
}

/** Thrown when an argument is invalid. */
export { UsageError };

const NAMES: readonly string[] = PARTS.map(({ name }) => name);

export const USAGE = `deno task fuzz [options]

  --minutes M        fuzz for M minutes in all, the parts in turn (1)
  --seed N           the seed of the first round; each later round has the next (a random one)
  --only PART,…      only these of ${NAMES.join(", ")}
  --journal NAME,…   only with these of ${JOURNALS.join(", ")}
  --replay FILE      play the case in the file; may be repeated
  --help             print this

A seed decides all inputs of a round. The first input that breaks something is shrunk, and printed with the file
that --replay takes. The exit code is 0 if everything held, 1 if not, and 2 if an argument is invalid.`;

const TEXT = { type: "string" } as const;
const OPTIONS = {
  minutes: { ...TEXT, default: "1" },
  seed: TEXT,
  only: TEXT,
  journal: TEXT,
  replay: { ...TEXT, multiple: true, default: [] as string[] },
  help: { type: "boolean", default: false },
} as const;

/** @throws {UsageError} if an argument is unknown or invalid */
export function parseOptions(args: string[], freshSeed: () => number = randomSeed): FuzzOptions {
  const values = parseValues(args, OPTIONS);
  return {
    minutes: minutesOf(values.minutes),
    seed: values.seed === undefined ? freshSeed() : seedOf(values.seed),
    only: listOf("only", { text: values.only, known: NAMES }),
    journals: listOf("journal", { text: values.journal, known: JOURNALS }),
    replay: values.replay,
    isHelp: values.help,
  };
}

function randomSeed(): number {
  return 1 + Math.floor(Math.random() * 1_000_000);
}

function minutesOf(text: string): number {
  if (/^\d{1,6}(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--minutes ${text}: expected a number above 0`);
}

function seedOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--seed ${text}: expected a whole number`);
}
