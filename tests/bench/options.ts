/** Parses the command line of the benchmark. */

import { JOURNALS, PEERS } from "./peers.ts";
import { SCENARIOS } from "./scenarios.ts";
import { parseValues, UsageError } from "../usage.ts";

export interface Options {
  readonly mode: "table" | "plot" | "check";
  readonly rounds: number | null;
  readonly only: readonly string[];
  readonly peers: readonly string[];
  readonly journals: readonly string[];
}

/** Thrown when an argument is invalid. */
export { UsageError };

const NAMES = {
  only: SCENARIOS.map(({ name }) => name),
  peers: Object.keys(PEERS),
  journal: Object.keys(JOURNALS),
};

export const USAGE = `deno task bench [--rounds N] [--only SCENARIO,…] [--peers PEER,…] [--journal JOURNAL,…]
deno task bench --plot      draws tests/bench/bench.svg
deno task bench --check     fails if a ratio to the Deno floor is worse than its limit

scenarios: ${NAMES.only.join(", ")}
peers: ${NAMES.peers.join(", ")}
journals: ${NAMES.journal.join(", ")}`;

/** @throws {UsageError} if an argument is unknown or invalid */
export function parseOptions(args: string[]): Options {
  const text = { type: "string" } as const, flag = { type: "boolean", default: false } as const;
  const options = { rounds: text, only: text, peers: text, journal: text, plot: flag, check: flag };
  const { plot, check, rounds, ...lists } = parseValues(args, options);
  if (plot && check) throw new UsageError("--plot and --check cannot be combined");
  if (rounds !== undefined && !/^[1-9]\d{0,2}$/.test(rounds)) {
    throw new UsageError(`--rounds ${rounds}: expected a number from 1 to 999`);
  }
  return {
    mode: plot ? "plot" : check ? "check" : "table",
    rounds: rounds === undefined ? null : Number(rounds),
    only: parseList("only", lists.only),
    peers: parseList("peers", lists.peers),
    journals: parseList("journal", lists.journal),
  };
}

/** Returns the names in the list, or all known names if there is no list. */
function parseList(option: keyof typeof NAMES, value: string | undefined): readonly string[] {
  const known = NAMES[option];
  const named = value?.split(",") ?? known;
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`--${option}: there is no "${unknown}"; expected one of ${known.join(", ")}`);
  }
  return named;
}
