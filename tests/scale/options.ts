/** Parses the command line of scale. */

import { SPREAD_TABS } from "./clients/placement.ts";
import type { RunOptions } from "./run.ts";
import { parseValues, randomSeed, UsageError, wholeNumber } from "../usage.ts";

export interface ScaleOptions extends RunOptions {
  readonly mode: "run" | "idle";
  readonly isPlotted: boolean;
  readonly isHelp: boolean;
}

/** Thrown when an argument is invalid. */
export { UsageError };

export const USAGE = `deno task scale [options]

  --nodes N     nodes, all on one NATS server (6)
  --tabs N      tabs on all nodes together (100000)
  --targets N   targets that share the tabs (as many as tabs)
  --seed N      decides which node is lost, where tabs reconnect, and to whom is published (a random one)
  --plot        draw tests/scale/scale.svg, and write the results into the README
  --idle        compare the CPU of an idle node with NATS to that of one without, with --tabs each (18000)
  --help        print this

100,000 tabs take about 5 GB of memory and 10 minutes. A node can have as many tabs as files (ulimit -n).
The exit code is 0 if nothing was lost or doubled, 1 if something was, and 2 if an argument is invalid.
With --idle, it is 1 if the node with NATS takes more than 1.2 times the CPU of the other.`;

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean", default: false } as const;
const OPTIONS = {
  nodes: { ...TEXT, default: "6" },
  tabs: TEXT,
  targets: TEXT,
  seed: TEXT,
  plot: FLAG,
  idle: FLAG,
  help: FLAG,
} as const;
const RUN_TABS = "100000", IDLE_TABS = "18000";
const MAX_NODES = 50, MAX_TABS = 1_000_000;

/** @throws {UsageError} if an argument is unknown or invalid */
export function parseOptions(args: string[], freshSeed: () => number = randomSeed): ScaleOptions {
  const { idle, plot, help, seed, ...values } = parseValues(args, OPTIONS);
  if (idle && plot) throw new UsageError("--plot draws a run, and --idle is none");
  const tabs = values.tabs ?? (idle ? IDLE_TABS : RUN_TABS);
  return {
    nodes: wholeNumber("nodes", { text: values.nodes, min: SPREAD_TABS, max: MAX_NODES }),
    tabs: wholeNumber("tabs", { text: tabs, min: SPREAD_TABS, max: MAX_TABS }),
    targets: wholeNumber("targets", { text: values.targets ?? tabs, min: 1, max: MAX_TABS }),
    seed: seed === undefined ? freshSeed() : wholeNumber("seed", { text: seed, min: 0, max: 1e9 }),
    mode: idle ? "idle" : "run",
    isPlotted: plot,
    isHelp: help,
  };
}
