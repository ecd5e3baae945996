/** Runs one load on one server, from the first tab to the last delivery. */

import { microseconds } from "./clock.ts";
import { delay } from "./delay.ts";
import { fillStalled } from "./fill_stalled.ts";
import { publishMissed } from "./missed.ts";
import type { Plan, Result, Server, Usage } from "./plan.ts";
import { type Published, Publishers } from "./publishers.ts";
import { readersOf, Tabs } from "./tabs.ts";
import { DeliveryStats } from "./delivery_stats.ts";
import { cpuSeconds, residentBytes } from "./usage.ts";

const SETTLE_MS = 500;
const WARM_UP_SECONDS = 1; // without latencies, because V8 has not compiled the programs yet

export async function run(server: Server, plan: Plan): Promise<Result> {
  const stats = new DeliveryStats({ timed: plan.rate === null ? 16 : 1 });
  await publishMissed(server, { plan, stats });
  const before = residentBytes(server.pid);
  const connected = startUsage(server.pid);
  const tabs = await Tabs.open(server, plan, stats);
  const connecting = connected();
  await delay(SETTLE_MS);
  const after = residentBytes(server.pid);
  const readers = readersOf(plan);
  if (plan.stalled) await fillStalled(server, { plan, readers, stats });

  using publishers = await Publishers.open(server, plan);
  const stop = startUsage(server.pid);
  if (plan.rate !== null) stats.timeFrom(microseconds() + WARM_UP_SECONDS * 1e6);
  const published = await (plan.publishers === 0 ? idle(plan) : publishers.publish({ stats, readers }));
  await stats.settled();
  const running = stop();
  const result: Result = {
    connected: tabs.opened,
    refused: tabs.refused,
    bytesPerTab: before === null || after === null ? null : (after - before) / plan.tabs,
    ...published,
    delivered: stats.delivered,
    expected: stats.expected,
    closed: stats.closed,
    latencies: stats.latencies(),
    connecting: { ...connecting, seconds: tabs.seconds },
    running,
  };
  await tabs.close();
  return result;
}

async function idle({ until }: Plan): Promise<Published> {
  if ("seconds" in until) await delay(until.seconds * 1_000);
  return { accepted: 0, failed: 0 };
}

/**
 * Returns a function that returns the time since the call, and the shares of a core that server and load have
 * used.
 */
function startUsage(pid: number): () => Usage {
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
