/** `deno task scale --idle`: what a node does when nothing happens, with NATS and without. */

import { delay } from "../bench/load/delay.ts";
import { median } from "../bench/load/percentiles.ts";
import { cpuSeconds } from "../bench/load/usage.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { NatsServer } from "../nats/nats_server.ts";
import { Crowd } from "./crowd.ts";
import { MAX_TABS_PER_PROCESS } from "./open_files.ts";
import { count } from "./units.ts";

const WINDOWS = 9, WINDOW_MS = 44_000; // in which a node pings each tab twice
const REST_MS = 20_000; // for the garbage of connecting
/** How much more CPU the node with NATS may take. */
const MAX_RATIO = 1.2;

/** Both nodes are idle at the same time, so what else the machine does hits both. Resolves with the exit code. */
export async function measureIdle(tabs: number, say: (line: string) => void): Promise<number> {
  await using nats = await NatsServer.started();
  const environment = { TIDINGS_MAX_CONNECTIONS: `${MAX_TABS_PER_PROCESS}` };
  await using alone = await ServiceProcess.start({ ...environment, TIDINGS_JOURNAL: "memory:" });
  await using joined = await ServiceProcess.start({ ...environment, TIDINGS_JOURNAL: nats.url() });
  await using tabsOfAlone = crowdOf(alone, { tabs, first: 0 });
  await using tabsOfJoined = crowdOf(joined, { tabs, first: 1 });
  for (const crowd of [tabsOfAlone, tabsOfJoined]) await crowd.until(({ open }) => open === tabs);
  say(`Two nodes have ${count(tabs)} tabs each, of as many targets, and nothing happens.\n`);
  await delay(REST_MS);
  const pids = [alone.pid, joined.pid, nats.pid], windows: number[][] = [];
  const ended = async () =>
    (await tabsOfAlone.tally()).closes.count + (await tabsOfJoined.tally()).closes.count;
  for (let window = 0, before = await ended(); window < WINDOWS; window++) {
    const shares = await cpuShares(pids), after = await ended();
    const wasIdle = after === before;
    if (wasIdle) windows.push(shares);
    before = after;
    say(
      `memory ${percent(shares[0])}   NATS ${percent(shares[1])}   the NATS server ${percent(shares[2])}` +
        (wasIdle ? "" : "   does not count: connections broke off, because this machine is too busy"),
    );
  }
  const [memory = NaN, withNats = NaN] = pids.map((_, n) =>
    median(windows.map((shares) => shares[n] ?? NaN))
  );
  const ratio = withNats / memory;
  say(
    `\nmedians: ${percent(memory)} of a core without NATS, ${percent(withNats)} with NATS: ` +
      `${ratio.toFixed(2)} times as much`,
  );
  return ratio <= MAX_RATIO ? 0 : 1;
}

function crowdOf({ port }: ServiceProcess, { tabs, first }: { tabs: number; first: number }): Crowd {
  return new Crowd({ ports: [port], tabs, targets: tabs, processes: 1, first, seed: first });
}

/** The share of a core that each process takes for a while. */
async function cpuShares(pids: readonly number[]): Promise<number[]> {
  const before = pids.map(cpuSeconds), start = performance.now();
  await delay(WINDOW_MS);
  const seconds = (performance.now() - start) / 1_000;
  return pids.map((pid, n) => ((cpuSeconds(pid) ?? NaN) - (before[n] ?? NaN)) / seconds);
}

function percent(share: number | undefined): string {
  return `${((share ?? NaN) * 100).toFixed(2)} %`;
}
