/**
 * CPU per delivery with one isolate and with two, at the same offered load, in alternating rounds:
 * `deno run -A tests/bench/isolates.ts SCENARIO RATE [SCENARIO RATE ...]`, for example `single 6000 fan-out 20`.
 */

import { DeliveryStats } from "./load/delivery_stats.ts";
import { delay } from "./load/delay.ts";
import type { Plan } from "./load/plan.ts";
import { Publishers } from "./load/publishers.ts";
import { readersOf, Tabs } from "./load/tabs.ts";
import { JOURNALS } from "./peers.ts";
import { SCENARIOS } from "./scenarios.ts";
import { ServerProcess } from "./server_process.ts";

/** Each isolate compiles its own code. Until it has, two cost up to 1.5 times as much, which says nothing of a server. */
const WARM_UP_SECONDS = 20;
const ROUNDS = 7, ROUND_SECONDS = 4, MAX_SETTLE_MS = 2_000;
const P99 = 7; // the index in PERCENTILES

interface Round {
  readonly cpuMicroseconds: number;
  readonly p99Ms: number;
  readonly perFrame: number;
}

/** A server with its tabs and publishers, which stay connected over all rounds. */
class Contestant implements AsyncDisposable {
  readonly rounds: Round[] = [];
  readonly #plan: Plan;
  readonly #process: ServerProcess;
  readonly #stats: DeliveryStats;
  readonly #tabs: Tabs;
  #frames = 0;

  private constructor(
    plan: Plan,
    process: ServerProcess,
    { stats, tabs }: { stats: DeliveryStats; tabs: Tabs },
  ) {
    this.#plan = plan;
    this.#process = process;
    this.#stats = stats;
    this.#tabs = tabs;
    const add = stats.add.bind(stats);
    stats.add = (count, options) => {
      this.#frames++;
      add(count, options);
    };
  }

  static async start(plan: Plan, workers: number): Promise<Contestant> {
    const { memory } = JOURNALS;
    if (memory === undefined) throw new Error("there is no memory journal");
    const peer: typeof memory = {
      ...memory,
      start(options) {
        const { command, env } = memory.start(options);
        return { command, env: { ...env, TIDINGS_WORKERS: `${workers}` } };
      },
    };
    const process = await ServerProcess.start(peer, { pin: (_, command) => command, secrets: null });
    while (await countIsolates(process.server.port) < workers) await delay(100);
    const stats = new DeliveryStats({ timed: 4 });
    const tabs = await Tabs.open(process.server, plan, stats);
    const contestant = new Contestant(plan, process, { stats, tabs });
    // A tab whose welcome comes after the first notifications gets only the later ones, so some may be missing here.
    await contestant.#publish({ ...plan, rate: null, until: { seconds: WARM_UP_SECONDS } });
    return contestant;
  }

  async run(): Promise<void> {
    const before = cpuMicroseconds(this.#process.server.pid);
    const missing = await this.#publish(this.#plan);
    if (missing > 0) console.error(`${missing} deliveries are missing`);
    const { delivered } = this.#stats;
    this.rounds.push({
      cpuMicroseconds: (cpuMicroseconds(this.#process.server.pid) - before) / delivered,
      p99Ms: this.#stats.latencies()[P99] ?? NaN,
      perFrame: delivered / this.#frames,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await this.#tabs.close();
  }

  /** Resolves with the number of deliveries that have not arrived in time. */
  async #publish(plan: Plan): Promise<number> {
    this.#stats.reset();
    this.#frames = 0;
    using publishers = await Publishers.open(this.#process.server, plan);
    await publishers.publish({ stats: this.#stats, readers: readersOf(plan) });
    for (let ms = 0; this.#stats.inFlight > 0 && ms < MAX_SETTLE_MS; ms += 2) await delay(2);
    return this.#stats.inFlight;
  }
}

/** The console has a row for each isolate. */
async function countIsolates(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/console/events`);
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    return text.split('"startedAt"').length - 1;
  }
  return 0;
}

/** Of all threads. `/proc/PID/stat` counts in units of 10 ms, and this in nanoseconds. */
function cpuMicroseconds(pid: number): number {
  let sum = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number(Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ")[0]) / 1_000;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // the thread has ended
    }
  }
  return sum;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

async function compare(name: string, rate: number): Promise<void> {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  const plan = { ...scenario.plan, rate, until: { seconds: ROUND_SECONDS } };
  await using one = await Contestant.start(plan, 1);
  await using two = await Contestant.start(plan, 2);
  for (let round = 0; round < ROUNDS; round++) {
    for (const contestant of round % 2 === 0 ? [one, two] : [two, one]) await contestant.run();
  }
  console.log(`${name} at ${rate} notifications/s`);
  for (const key of ["cpuMicroseconds", "p99Ms", "perFrame"] as const) {
    const [first, second] = [one, two].map(({ rounds }) => rounds.map((round) => round[key]));
    const ratio = median(second?.map((value, round) => value / (first?.[round] ?? NaN)) ?? []);
    console.log(
      `  ${key}: ${median(first ?? []).toFixed(2)} and ${median(second ?? []).toFixed(2)}, × ${
        ratio.toFixed(2)
      }`,
    );
  }
}

for (let index = 0; index < Deno.args.length; index += 2) {
  await compare(Deno.args[index] ?? "", Number(Deno.args[index + 1]));
}
Deno.exit(0); // the sockets of the tabs are cut
