/**
 * Measures how long `GET /v1/inbox` takes, a page of 50 among 1,000 that are kept, while a node with SQLite accepts 2,000
 * requests a second, each with one notification for another target. The load has a core of its own. The node has the
 * other one for its event loop and for the worker that writes the file, and in every second measurement both.
 *
 * `deno run -A tests/bench/inbox_latency.ts [ROUNDS]`
 */

import { assert } from "@std/assert";
import { createPin, LOAD_CORE, type Pin } from "./cores.ts";
import type { InboxResult } from "./load/inbox_load.ts";
import { median, percentiles } from "./load/percentiles.ts";
import type { Plan, Server } from "./load/plan.ts";
import { JOURNALS } from "./peers.ts";
import { ServerProcess } from "./server_process.ts";

const LOAD = new URL("load/inbox_load.ts", import.meta.url).pathname;
const PLAN: Plan = {
  tabs: 0,
  targets: 1_000,
  stalled: false,
  missed: 0,
  publishers: 16,
  over: "requests",
  unanswered: 1,
  batch: 1,
  rate: 2_000,
  until: { seconds: 13 },
};
/** The names of the figures of a measurement: milliseconds, and requests a second. */
const FIGURES = ["p50", "p99", "max", "requests/s"] as const;
type Figures = readonly number[];

const rounds = Number(Deno.args[0] ?? 5);
assert(Number.isInteger(rounds) && rounds > 0, "usage: deno run -A tests/bench/inbox_latency.ts [ROUNDS]");
const { pin, note } = await createPin();
console.log(note);
const onOneCore: Figures[] = [], onBoth: Figures[] = [];
for (let round = 0; round < rounds; round++) {
  onOneCore.push(await measure(pin));
  onBoth.push(await measure((_core, command) => command));
}
console.table({ "the node on one core": summaryOf(onOneCore), "the node on both": summaryOf(onBoth) });

async function measure(pinServer: Pin): Promise<Figures> {
  const { sqlite } = JOURNALS;
  assert(sqlite !== undefined);
  await using process = await ServerProcess.start(sqlite, { pin: pinServer, secrets: null });
  const { latencies, perSecond } = await load(process.server);
  const figures = [...percentiles(latencies, [50, 99, 100]), perSecond];
  console.log(FIGURES.map((name, index) => `${name} ${figures[index]?.toFixed(1)}`).join(", "));
  return figures;
}

async function load(server: Server): Promise<InboxResult> {
  const task = JSON.stringify({ server, plan: PLAN });
  const [program = "", ...args] = pin(LOAD_CORE, [Deno.execPath(), "run", "--allow-all", LOAD, task]);
  const { success, stdout } = await new Deno.Command(program, { args, stderr: "inherit" }).output();
  assert(success, "the load failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The median of each figure. */
function summaryOf(measured: readonly Figures[]): Record<string, string> {
  const medianOf = (index: number) => median(measured.map((figures) => figures[index] ?? NaN));
  return Object.fromEntries(FIGURES.map((name, index) => [name, medianOf(index).toFixed(1)]));
}
