/** `deno task scale`: many tabs on many nodes, what each costs, and what becomes of every notification. */

import { arithmeticTable } from "./arithmetic_table.ts";
import { measureIdle } from "./idle.ts";
import { MAX_TABS_PER_PROCESS } from "./open_files.ts";
import { parseOptions, type ScaleOptions, USAGE } from "./options.ts";
import { plotOf } from "./plot.ts";
import { brokenBy, describe } from "./report.ts";
import { writeResults } from "./readme_results.ts";
import { run } from "./run.ts";
import { count } from "./units.ts";
import { exitWith, UsageError } from "../usage.ts";

const PLOT = new URL("scale.svg", import.meta.url);

async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.isHelp) {
    console.log(USAGE);
    return 0;
  }
  requireFiles(options);
  return options.mode === "idle" ? await measureIdle(options.tabs, console.log) : await scale(options);
}

async function scale(options: ScaleOptions): Promise<number> {
  const { nodes, tabs, targets, seed } = options, lines: string[] = [];
  const say = (line: string) => {
    console.log(line);
    if (!line.startsWith(" ")) lines.push(line); // the others are about progress
  };
  say(`${nodes} nodes, one NATS server, ${count(tabs)} tabs of ${count(targets)} targets, seed ${seed}`);
  const outcome = await run(options, say);
  const broken = brokenBy(outcome), table = arithmeticTable({ options, ...outcome.figures });
  say(describe.verdict(outcome.verdict));
  console.log(`\nIf everything grew in proportion:\n\n${table}\n`);
  if (options.isPlotted && broken.length === 0) {
    await Deno.writeTextFile(PLOT, plotOf(outcome));
    await writeResults({ lines, table });
  }
  for (const sentence of broken) console.log(`BROKEN: ${sentence}`);
  return broken.length === 0 ? 0 : 1;
}

function requireFiles({ tabs, nodes, mode }: ScaleOptions): void {
  const most = mode === "idle" ? MAX_TABS_PER_PROCESS : nodes * MAX_TABS_PER_PROCESS;
  if (tabs <= most) return;
  throw new UsageError(`--tabs ${tabs}: a process may have so few files here that ${most} tabs are possible`);
}

await exitWith(main, USAGE);
