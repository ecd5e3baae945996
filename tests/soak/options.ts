/** Parses the command line of the soak. */

import { parseArgs } from "node:util";
import { type JournalName, JOURNALS } from "../chaos/stages/stage.ts";

export interface SoakCommand {
  readonly minutes: number;
  readonly seed: number;
  readonly journal: JournalName;
  /** Notifications a second for the tabs that stay. */
  readonly rate: number;
  /** Tabs a second that stay only for a moment. */
  readonly tabs: number;
  /** Where the picture is written. Null: nowhere. */
  readonly plot: string | null;
  readonly isHelp: boolean;
}

/** Thrown when an argument is invalid. */
export class UsageError extends Error {}

export const USAGE = `deno task soak [options]

  --minutes M      about how long it takes (30); with less than 5, only for seconds anything is kept
  --journal NAME   ${JOURNALS.join(", ")} (memory)
  --rate N         notifications a second for the tabs that stay (200)
  --tabs N         tabs a second that stay only for a moment (15)
  --seed N         decides what everybody does (a random one)
  --plot FILE      writes a picture, as SVG
  --help           print this

The exit code is 0 if everything has returned to where it was, 1 if not, and 2 if an argument is invalid.`;

const TEXT = { type: "string" } as const;
const OPTIONS = {
  minutes: { ...TEXT, default: "30" },
  journal: { ...TEXT, default: "memory" },
  rate: { ...TEXT, default: "200" },
  tabs: { ...TEXT, default: "15" },
  seed: TEXT,
  plot: TEXT,
  help: { type: "boolean", default: false },
} as const;

/** @throws {UsageError} if an argument is unknown or invalid */
export function parseOptions(args: string[], freshSeed: () => number = randomSeed): SoakCommand {
  const { minutes, journal: name, rate, tabs, seed, plot = null, help } = parse(args);
  const journal = JOURNALS.find((one) => one === name);
  if (journal === undefined) {
    throw new UsageError(`--journal: there is no "${name}"; expected one of ${JOURNALS.join(", ")}`);
  }
  return {
    ...{ journal, plot, isHelp: help },
    minutes: numberOf("minutes", { text: minutes, min: 1, max: 1_440 }),
    rate: numberOf("rate", { text: rate, min: 1, max: 1_000 }),
    tabs: numberOf("tabs", { text: tabs, min: 1, max: 100 }),
    seed: seed === undefined ? freshSeed() : numberOf("seed", { text: seed, min: 0, max: 999_999_999 }),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
}

function numberOf(option: string, { text, min, max }: { text: string; min: number; max: number }): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= min && number <= max) return number;
  throw new UsageError(`--${option} ${text}: expected a whole number from ${min} to ${max}`);
}

function randomSeed(): number {
  return Math.floor(Math.random() * 1_000_000);
}
