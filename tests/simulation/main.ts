/** `deno task simulation`: plays the histories of many seeds, or one of them, or proves that mutations are noticed. */

import { parseArgs } from "node:util";
import type { Explored } from "./explorer.ts";
import { CASES } from "./history/cases.ts";
import { generateHistory } from "./history/generate.ts";
import { play } from "./history/play.ts";
import { printHistory } from "./history/print.ts";
import { shrink } from "./history/shrink.ts";
import type { History } from "./history/step.ts";
import { MUTATIONS, runMutations } from "./mutations/mutations.ts";
import { PROMISES, type Violation } from "./promises/verdict.ts";

const USAGE = `deno task simulation [options]

  --minutes M      play for M minutes (1)
  --rounds N       play N histories instead
  --from N         begin with this seed (a random one)
  --seed N         play one seed, twice, and print the trace with --trace
  --cases          play the cases by hand
  --mutations      prove that each mutation of the product is noticed
  --only TEXT      of cases and mutations, only those whose name, file or effect has the text
  --jobs N         processor cores to use (2)`;

const MAX_SEEDS = 300; // for a mutation

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    minutes: { type: "string", default: "1" },
    rounds: { type: "string", default: "Infinity" },
    from: { type: "string", default: String(1 + Math.floor(Math.random() * 1_000_000)) },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    cases: { type: "boolean", default: false },
    mutations: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    jobs: { type: "string", default: "2" },
    help: { type: "boolean", default: false },
  },
});

/** Plays many seeds on several cores. Resolves with those that broke a promise. */
async function explore(): Promise<number[]> {
  const jobs = Number(options.jobs), from = Number(options.from), rounds = Number(options.rounds);
  const until = performance.now() + (rounds === Infinity ? Number(options.minutes) * 60_000 : Infinity);
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

/** Plays a history twice, and shrinks and prints it if it breaks a promise. Resolves with false then. */
async function examine(name: string, history: History): Promise<boolean> {
  const { violation, trace, events, ms } = await play(history);
  const again = await play(history);
  if (again.trace !== trace) throw new Error(`${name} has two different traces`);
  if (options.trace) console.log(trace);
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

async function examineCases(): Promise<boolean> {
  const chosen = Object.entries(CASES).filter(([name]) => name.includes(options.only));
  const kept: boolean[] = [];
  for (const [name, history] of chosen) kept.push(await examine(name, history));
  return kept.every((one) => one);
}

async function proveMutations(): Promise<boolean> {
  const mutations = MUTATIONS.filter(({ file, breaks }) => `${file} ${breaks}`.includes(options.only));
  const survivors = await runMutations({
    mutations,
    maxSeeds: MAX_SEEDS,
    jobs: Number(options.jobs),
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

async function run(): Promise<boolean> {
  if (options.mutations) return await proveMutations();
  if (options.cases) return await examineCases();
  const seeds = options.seed === undefined ? (await explore()).slice(0, 1) : [Number(options.seed)];
  for (const seed of seeds) if (!await examine(`seed ${seed}`, generateHistory(seed))) return false;
  return true;
}

if (options.help) console.log(USAGE);
else Deno.exit(await run() ? 0 : 1);
