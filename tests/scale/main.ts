/** `deno task scale`: many tabs on many nodes, what each costs, and what becomes of every notification. */

import { arithmeticTable } from "./arithmetic_table.ts";
import { measureIdle } from "./idle.ts";
import { MAX_TABS_PER_PROCESS } from "./open_files.ts";
import { parseOptions, type ScaleOptions, USAGE, UsageError } from "./options.ts";
import { plotOf } from "./plot.ts";
import { brokenBy, describe } from "./report.ts";
import { run } from "./run.ts";
import { count } from "./units.ts";

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
  const { nodes, tabs, targets, seed } = options;
  console.log(
    `${nodes} nodes, one NATS server, ${count(tabs)} tabs of ${count(targets)} targets, seed ${seed}\n`,
  );
  const outcome = await run(options, console.log);
  const broken = brokenBy(outcome);
  console.log(describe.verdict(outcome.verdict));
  console.log(`\nIf everything grew in proportion:\n\n${arithmeticTable({ options, ...outcome.figures })}\n`);
  if (options.isPlotted) await Deno.writeTextFile(PLOT, plotOf(outcome));
  for (const sentence of broken) console.log(`BROKEN: ${sentence}`);
  return broken.length === 0 ? 0 : 1;
}

function requireFiles({ tabs, nodes, mode }: ScaleOptions): void {
  const most = mode === "idle" ? MAX_TABS_PER_PROCESS : nodes * MAX_TABS_PER_PROCESS;
  if (tabs <= most) return;
  throw new UsageError(`--tabs ${tabs}: a process may have so few files here that ${most} tabs are possible`);
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  Deno.exit(2);
}
