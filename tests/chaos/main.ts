/** `deno task chaos`: inflicts faults on the service, and prints what became of every notification. */

import { FAULTS } from "./faults.ts";
import { missingFor } from "./needs.ts";
import { type ChaosOptions, parseOptions, USAGE } from "./options.ts";
import type { AnyFault } from "./fault.ts";
import { type RoundOptions, type RoundResult, runRound } from "./round.ts";
import { judge } from "./verdict.ts";
import { type Row, tableOf } from "./table.ts";
import { writeTable } from "../readme_table.ts";
import { exitWith } from "../usage.ts";

const README = new URL("README.md", import.meta.url);

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const options = parseOptions(args);
  const rows = await runAll(options);
  console.log(`\n${tableOf(rows)}`);
  const isWhole = options.only.length === FAULTS.length && !options.isShort;
  if (isWhole && rows.every(({ results }) => results.length > 0)) {
    await writeTable(README, { task: "chaos", table: tableOf(rows) });
  }
  const isMissing = Deno.env.get("CI") !== undefined && rows.some(({ skipped }) => skipped !== null);
  return isMissing || rows.some(({ results }) => results.some(({ broken }) => broken.length > 0)) ? 1 : 0;
}

async function runAll({ seed, rounds, only, journals, isShort }: ChaosOptions): Promise<Row[]> {
  console.log(`seed ${seed}`);
  const rows: Row[] = [];
  for (const fault of FAULTS.filter(({ name }) => only.includes(name))) {
    for (const journal of journals.filter((one) => fault.promises[one] !== undefined)) {
      const skipped = await missingFor(fault.needs, journal);
      if (skipped !== null) console.log(`${fault.name} ${journal}: skipped: ${skipped}`);
      const results: RoundResult[] = [];
      for (let round = 0; round < rounds && skipped === null; round++) {
        results.push(await tryRound(fault, { journal, seed: seed + round, isShort }));
        report(results[round]);
      }
      rows.push({ fault, journal, results, skipped });
    }
  }
  return rows;
}

/** A round that fails breaks no other, and counts as a broken promise. */
async function tryRound(fault: AnyFault, options: RoundOptions): Promise<RoundResult> {
  try {
    return await runRound(fault, options);
  } catch (error) {
    const counts = judge({ accepted: [], sent: new Map(), tabs: [] });
    const reason = error instanceof Error ? error.stack ?? error.message : String(error);
    return { fault, options, counts, broken: [`the round failed: ${reason}`], statuses: new Map() };
  }
}

function report(result: RoundResult | undefined): void {
  if (result === undefined) return;
  const { fault, options: { journal, seed, isShort }, counts, broken, statuses } = result;
  const { findings: _, ...numbers } = counts;
  const answers = JSON.stringify(Object.fromEntries(statuses));
  console.log(`${fault.name} ${journal} seed ${seed}: ${JSON.stringify(numbers)} ${answers}`);
  if (broken.length === 0) return;
  console.log(`BROKEN: ${broken.slice(0, 10).join("\n        ")}`);
  const short = isShort ? " --short" : "";
  console.log(`replay: deno task chaos --only ${fault.name} --journal ${journal} --seed ${seed}${short}`);
}

await exitWith(main, USAGE);
