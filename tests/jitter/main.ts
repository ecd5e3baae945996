/** `deno task jitter`: cuts the connections of thousands of clients, and compares what servers deliver to them. */

import { createPin, type Pin } from "../bench/cores.ts";
import { NotInstalledError } from "../bench/install.ts";
import { writeTable } from "../readme_table.ts";
import { type Contestant, findContestant, TITLES } from "./contestants.ts";
import { measure } from "./measure.ts";
import { type JitterOptions, parseOptions, USAGE } from "./options.ts";
import { plotOf } from "./plot.ts";
import { keepResult, readResults, type Result } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import { summariesOf, type Summary } from "./summary.ts";
import { duration, percent, tableOf } from "./table.ts";
import { verdictsOf } from "./verdict.ts";
import { exitWith, UsageError } from "../usage.ts";

const PICTURE = new URL("jitter.svg", import.meta.url), README = new URL("README.md", import.meta.url);

/** Resolves with the exit code. */
async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.helps) {
    console.log(USAGE);
    return 0;
  }
  const summaries = summariesOf(await measureAll(options));
  if (options.plots) await plot(summaries);
  const verdicts = verdictsOf(summaries);
  console.log(`\n${tableOf(summaries)}\n`);
  for (const { passed, sentence } of verdicts) console.log(`${passed ? "ok   " : "BROKEN"} ${sentence}`);
  return verdicts.every(({ passed }) => passed) ? 0 : 1;
}

/** Resolves with all results, also those that the file has already. */
async function measureAll({ scenario, rounds, only, results: path }: JitterOptions): Promise<Result[]> {
  const results = await readResults(path);
  if (rounds > 0) requireScenario(scenario, results);
  const folder = await Deno.makeTempDir({ prefix: "jitter-" });
  try {
    const { pin, note } = await createPin();
    const contestants = rounds === 0 ? [] : await installed(only, folder);
    if (rounds > 0) console.error(note);
    for (let round = 1; round <= rounds; round++) {
      for (const contestant of round % 2 === 1 ? contestants : contestants.toReversed()) {
        const isDone = results.some((one) => one.name === contestant.name && one.round === round);
        if (isDone) continue;
        const ofRound = { ...scenario, seed: scenario.seed + round - 1 };
        const result = await measureOnce(contestant, { round, scenario: ofRound, pin });
        results.push(result);
        await keepResult(path, result);
      }
    }
    return results;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** @throws {UsageError} if the file has results of another scenario, which cannot be compared */
function requireScenario(scenario: Scenario, results: readonly Result[]): void {
  for (const { round, scenario: { clients, seconds, seed } } of results) {
    const isSame = clients === scenario.clients && seconds === scenario.seconds &&
      seed === scenario.seed + round - 1;
    if (!isSame) {
      throw new UsageError(`--results: the file has ${clients} clients, ${seconds} s, seed ${seed}`);
    }
  }
}

async function measureOnce(
  contestant: Contestant,
  { round, scenario, pin }: { round: number; scenario: Scenario; pin: Pin },
): Promise<Result> {
  const { clients, seconds, seed } = scenario, { name, title } = contestant;
  console.error(`round ${round}, ${title}: ${clients} clients for ${seconds} s, seed ${seed}`);
  const measured = await measure(contestant, { scenario, pin });
  const [machineLoad = 0] = Deno.loadavg();
  const result = { name, round, scenario, machineLoad, measured };
  report(result);
  return result;
}

function report({ measured, machineLoad }: Pick<Result, "measured" | "machineLoad">): void {
  const { delivered, expected, doubled, cuts, recovered, failures, lag, slowestAnswer } = measured;
  const share = percent(delivered / expected);
  console.error(
    `  ${share} of ${expected} delivered, ${doubled} doubled; ${cuts} cuts, ${recovered} recovered, ` +
      `${failures} connections failed; slowest answer ${duration(slowestAnswer)}, lag of the load ` +
      `${duration(lag.p99)}, at most ${duration(lag.max)}; load of the machine ${machineLoad.toFixed(1)}`,
  );
}

/** Resolves with the contestants that are installed, and says why the others are skipped. */
async function installed(names: JitterOptions["only"], folder: string): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const name of names) {
    try {
      contestants.push(await findContestant(name, folder));
    } catch (error) {
      if (!(error instanceof NotInstalledError)) throw error;
      console.error(`${TITLES[name]} is skipped: ${error.message}`);
    }
  }
  return contestants;
}

async function plot(summaries: readonly Summary[]): Promise<void> {
  await Deno.writeTextFile(PICTURE, plotOf(summaries));
  await writeTable(README, { task: "jitter", table: tableOf(summaries) });
  console.log(`Drawn: ${PICTURE.pathname}`);
}

await exitWith(main, USAGE);
