/** `deno task simulation`: plays the histories of many seeds, or one of them, or proves that mutations are noticed. */

import type { Explored } from "./explorer.ts";
import { CASES } from "./history/cases.ts";
import { generateHistory } from "./history/generate.ts";
import { play } from "./history/play.ts";
import { printHistory } from "./history/print.ts";
import { shrink } from "./history/shrink.ts";
import type { History } from "./history/step.ts";
import { MUTATIONS, runMutations } from "./mutations/mutations.ts";
import { parseOptions, type SimulationOptions, USAGE, UsageError } from "./options.ts";
import { PROMISES, type Violation } from "./promises/verdict.ts";
import { exitWith } from "../usage.ts";

const MAX_SEEDS = 300; // for a mutation

/** Plays many seeds on several cores. Resolves with those that broke a promise. */
async function explore({ jobs, from, rounds, minutes }: SimulationOptions): Promise<number[]> {
  const until = performance.now() + (rounds === Infinity ? minutes * 60_000 : Infinity);
  const failed: number[] = [], startedAt = performance.now();
  let played = 0, events = 0, simulatedMs = 0, notifications = 0;
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const workers = Array.from({ length: jobs }, (_, index) => {
    const worker = new Worker(new URL("explorer.ts", import.meta.url), { type: "module" });
    const { port1: results, port2: port } = new MessageChannel();
    results.onmessage = ({ data }: MessageEvent<Explored>) => {
      played++;
      events += data.events;
      simulatedMs += data.simulatedMs;
      notifications += data.notifications;
      if (data.violation !== undefined) failed.push(data.seed);
      if (data.violation !== undefined) console.log(`seed ${data.seed}: ${describe(data.violation)}`);
      if (played >= rounds || performance.now() > until) resolve();
    };
    worker.postMessage({ first: from + index, step: jobs }, [port]);
    return worker;
  });
  await done;
  for (const worker of workers) worker.terminate();
  const seconds = (performance.now() - startedAt) / 1_000, hours = simulatedMs / 3_600_000;
  console.log(
    `${played} histories from seed ${from} on, in ${seconds.toFixed(1)} s: ${
      hours.toFixed(1)
    } simulated hours, ` +
      `${events} events, ${notifications} notifications and marks, ${failed.length} broken promises`,
  );
  return failed;
}

interface Examined {
  readonly history: History;
  readonly isTraced: boolean;
}

/** Plays a history twice, and shrinks and prints it if it breaks a promise. Resolves with false then. */
async function examine(name: string, { history, isTraced }: Examined): Promise<boolean> {
  const { violation, trace, events, ms } = await play(history);
  const again = await play(history);
  if (again.trace !== trace) throw new Error(`${name} has two different traces`);
  if (isTraced) console.log(trace);
  console.log(`${name}: ${events} events in ${(ms / 1_000).toFixed(1)} simulated seconds, twice the same`);
  if (violation === undefined) return true;
  console.log(describe(violation));
  const fails = async (candidate: History) =>
    (await play(candidate)).violation?.promise === violation.promise;
  const smallest = await shrink(history, { fails });
  const { violation: last = violation } = await play(smallest);
  console.log(`\nThe smallest history that fails:\n\n${printHistory(smallest)}\n\n// ${describe(last)}`);
  return false;
}

async function examineCases({ only, isTraced }: SimulationOptions): Promise<boolean> {
  const chosen = Object.entries(CASES).filter(([name]) => name.includes(only));
  if (chosen.length === 0) throw noneWith(only);
  const kept: boolean[] = [];
  for (const [name, history] of chosen) kept.push(await examine(name, { history, isTraced }));
  return kept.every((one) => one);
}

async function proveMutations({ only, jobs }: SimulationOptions): Promise<boolean> {
  const mutations = MUTATIONS.filter(({ file, breaks }) => `${file} ${breaks}`.includes(only));
  if (mutations.length === 0) throw noneWith(only);
  const survivors = await runMutations({
    mutations,
    maxSeeds: MAX_SEEDS,
    jobs,
    onResult({ file, breaks }, { found, ms }) {
      console.log(`${found === null ? "SURVIVED" : "noticed"} src/${file}: ${breaks}`);
      console.log(`         ${found ?? "by nothing"} (${(ms / 1_000).toFixed(1)} s)`);
    },
  });
  console.log(`${mutations.length - survivors.length} of ${mutations.length} mutations were noticed`);
  return survivors.length === 0;
}

function describe({ promise, detail }: Violation): string {
  return `broken: ${PROMISES[promise]}\n  ${detail}`;
}

/** Nothing that is chosen would count as everything that has passed. */
function noneWith(text: string): UsageError {
  return new UsageError(`--only: there is none with "${text}"`);
}

async function run(options: SimulationOptions): Promise<boolean> {
  if (options.mode === "mutations") return await proveMutations(options);
  if (options.mode === "cases") return await examineCases(options);
  const seeds = options.seed === null ? (await explore(options)).slice(0, 1) : [options.seed];
  const { isTraced } = options;
  for (const seed of seeds) {
    if (!await examine(`seed ${seed}`, { history: generateHistory(seed), isTraced })) return false;
  }
  return true;
}

async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (!options.isHelp) return await run(options) ? 0 : 1;
  console.log(USAGE);
  return 0;
}

await exitWith(main, USAGE);
