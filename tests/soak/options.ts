/** Parses the command line of the soak. */

import { type JournalName, JOURNALS } from "../chaos/stages/stage.ts";
import { parseValues, randomSeed, UsageError, wholeNumber } from "../usage.ts";

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
export { UsageError };

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
  const { minutes, journal: name, rate, tabs, seed, plot = null, help } = parseValues(args, OPTIONS);
  const journal = JOURNALS.find((one) => one === name);
  if (journal === undefined) {
    throw new UsageError(`--journal: there is no "${name}"; expected one of ${JOURNALS.join(", ")}`);
  }
  return {
    ...{ journal, plot, isHelp: help },
    minutes: wholeNumber("minutes", { text: minutes, min: 1, max: 1_440 }),
    rate: wholeNumber("rate", { text: rate, min: 1, max: 1_000 }),
    tabs: wholeNumber("tabs", { text: tabs, min: 1, max: 100 }),
    seed: seed === undefined ? freshSeed() : wholeNumber("seed", { text: seed, min: 0, max: 999_999_999 }),
  };
}
