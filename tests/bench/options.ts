/** What the command line asks for. */

import { parseArgs } from "node:util";
import { JOURNALS, PEERS } from "./peers.ts";
import { SCENARIOS } from "./scenarios.ts";

export interface Options {
  readonly mode: "table" | "plot" | "check";
  readonly rounds: number | null;
  readonly only: readonly string[];
  readonly peers: readonly string[];
  readonly journals: readonly string[];
}

/** The command line asks for something that there isn't. */
export class UsageError extends Error {}

const NAMES = {
  only: SCENARIOS.map(({ name }) => name),
  peers: Object.keys(PEERS),
  journal: Object.keys(JOURNALS),
};

export const USAGE = `deno task bench [--rounds N] [--only SCENARIO,…] [--peers PEER,…] [--journal JOURNAL,…]
deno task bench --plot      draws tests/bench/bench.svg
deno task bench --check     fails if a ratio to the Deno floor is worse than it may be

scenarios: ${NAMES.only.join(", ")}
peers: ${NAMES.peers.join(", ")}
journals: ${NAMES.journal.join(", ")}`;

/** @throws {UsageError} */
export function optionsFrom(args: string[]): Options {
  const text = { type: "string" } as const, flag = { type: "boolean", default: false } as const;
  const options = { rounds: text, only: text, peers: text, journal: text, plot: flag, check: flag };
  const { plot, check, rounds, ...lists } = parsed(() => parseArgs({ args, options })).values;
  if (plot && check) throw new UsageError("--plot and --check: one of them at a time");
  if (rounds !== undefined && !/^[1-9]\d{0,2}$/.test(rounds)) {
    throw new UsageError(`--rounds ${rounds}: a number from 1 to 999 is needed`);
  }
  return {
    mode: plot ? "plot" : check ? "check" : "table",
    rounds: rounds === undefined ? null : Number(rounds),
    only: listed("only", lists.only),
    peers: listed("peers", lists.peers),
    journals: listed("journal", lists.journal),
  };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
}

/** All of them, if none are named. */
function listed(option: keyof typeof NAMES, value: string | undefined): readonly string[] {
  const known = NAMES[option];
  const named = value?.split(",") ?? known;
  const unknown = named.find((one) => !known.includes(one));
  if (unknown !== undefined) {
    throw new UsageError(`--${option}: there is no "${unknown}", but ${known.join(", ")}`);
  }
  return named;
}
