/** `deno task soak`: uses a node for half an hour as people and backends do, and shows that nothing of it stays. */

import { parseOptions, USAGE } from "./options.ts";
import { planOf } from "./plan.ts";
import { explain } from "./report/explain.ts";
import { soakPlot } from "./report/plot.ts";
import { textReport } from "./report/text_report.ts";
import { soak } from "./soak.ts";
import { judgeSoak } from "./verdict.ts";
import { exitWith } from "../usage.ts";

async function main(args: string[]): Promise<number> {
  const { minutes, seed, journal, rate, tabs, plot, isHelp } = parseOptions(args);
  if (isHelp) {
    console.log(USAGE);
    return 0;
  }
  const plan = planOf(minutes);
  console.log(
    `seed ${seed}, journal ${journal}: a warm-up, and ${plan.waves} waves of ${
      Math.round(plan.waveMs / 1_000)
    } s`,
  );
  const result = await soak({ plan, journal, seed, rate, tabs, onProgress: console.log });
  const verdict = judgeSoak(result);
  console.log(`\n${textReport(result, verdict)}`);
  for (const line of explain(verdict, result.snapshot)) console.log(line);
  if (plot !== null) await Deno.writeTextFile(plot, soakPlot(result.samples));
  return verdict.faults.length === 0 ? 0 : 1;
}

await exitWith(main, USAGE);
