/** One load on one server, from the first tab to the last delivery. */

import { microseconds } from "./clock.ts";
import { delay } from "./delay.ts";
import { fillStalled } from "./fill_stalled.ts";
import type { Plan, Result, Server, Usage } from "./plan.ts";
import { type Published, Publishers } from "./publishers.ts";
import { readersOf, Tabs } from "./tabs.ts";
import { Tally } from "./tally.ts";
import { cpuSeconds, residentBytes } from "./usage.ts";

const SETTLE_MS = 500;
const PRACTICE_SECONDS = 1; // of latencies, or they would be those of programs that are not yet compiled

export async function run(server: Server, plan: Plan): Promise<Result> {
  const tally = new Tally({ timed: plan.rate === null ? 16 : 1 });
  const before = residentBytes(server.pid);
  const connected = watch(server.pid);
  const tabs = await Tabs.open(server, plan, tally);
  const connecting = connected();
  await delay(SETTLE_MS);
  const after = residentBytes(server.pid);
  const readers = readersOf(plan);
  if (plan.stalled) await fillStalled(server, { plan, readers, tally });

  using publishers = await Publishers.open(server, plan);
  const stop = watch(server.pid);
  if (plan.rate !== null) tally.timeFrom(microseconds() + PRACTICE_SECONDS * 1e6);
  const published = await (plan.publishers === 0 ? leftAlone(plan) : publishers.publish({ tally, readers }));
  await tally.settled();
  const running = stop();
  const result: Result = {
    connected: tabs.opened,
    refused: tabs.refused,
    bytesPerTab: before === null || after === null ? null : (after - before) / plan.tabs,
    ...published,
    delivered: tally.delivered,
    expected: tally.expected,
    closed: tally.closed,
    latencies: tally.latencies(),
    connecting: { ...connecting, seconds: tabs.seconds },
    running,
  };
  await tabs.close();
  return result;
}

async function leftAlone({ until }: Plan): Promise<Published> {
  if ("seconds" in until) await delay(until.seconds * 1_000);
  return { accepted: 0, failed: 0 };
}

/** @returns what says how long it has been, and which shares of a core server and load have used */
function watch(pid: number): () => Usage {
  const start = performance.now();
  const [server, load] = [cpuSeconds(pid), cpuSeconds("self")];
  const share = (from: number | null, to: number | null, seconds: number) =>
    from === null || to === null ? null : (to - from) / seconds;
  return function stop() {
    const seconds = (performance.now() - start) / 1_000;
    return {
      seconds,
      serverCpu: share(server, cpuSeconds(pid), seconds),
      loadCpu: share(load, cpuSeconds("self"), seconds),
    };
  };
}
