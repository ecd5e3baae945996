/** The scenarios: the load on each server, and the figures that are reported. */

import type { Plan, Result } from "./load/plan.ts";
import { PERCENTILES } from "./load/plan.ts";

export interface Scenario {
  /** The name on the command line. */
  readonly name: string;
  readonly title: string;
  readonly plan: Plan;
  /** Whether servers check keys and tokens, if they can. */
  readonly secured: boolean;
  readonly figures: readonly Figure[];
  /** The phase that the CPU of the load is reported for. */
  readonly phase: "connecting" | "running";
}

/** A figure of a result. It is undefined if this system cannot measure it, or if nothing was delivered. */
export interface Figure {
  readonly name: string;
  readonly digits: number;
  of(result: Result): number | undefined;
}

const SECONDS = 4;
const SMALL: Plan = {
  tabs: 1_000,
  targets: 1_000,
  stalled: false,
  missed: 0,
  publishers: 8,
  over: "requests",
  unanswered: 1,
  batch: 1,
  rate: null,
  until: { seconds: SECONDS },
};
const PACED: Plan = { ...SMALL, tabs: 3_000, publishers: 16, rate: 2_000, until: { seconds: SECONDS + 1 } };
const IDLE: Plan = { ...SMALL, tabs: 10_000, targets: 10_000, publishers: 0 };
const STORM: Plan = { ...IDLE, until: { seconds: 0 } };

export const DELIVERIES: Figure = {
  name: "deliveries/s",
  digits: 0,
  of: ({ delivered, running }) => delivered / running.seconds,
};
const P99 = latency("p99 in ms", 99), P999 = latency("p99.9 in ms", 99.9);
const CONNECTS: Figure = {
  name: "connects/s",
  digits: 0,
  of: ({ connected, connecting }) => connected / connecting.seconds,
};
const MEMORY: Figure = {
  name: "KB a tab",
  digits: 1,
  of: ({ bytesPerTab }) => bytesPerTab === null ? undefined : bytesPerTab / 1_024,
};
const IDLE_CPU: Figure = {
  name: "% of a core",
  digits: 2,
  of: ({ running }) => running.serverCpu === null ? undefined : running.serverCpu * 100,
};

/** Returns the plan for any number of tabs of one target. */
export function fanOut(tabs: number): Plan {
  return { ...SMALL, tabs, targets: 1 };
}

export const SCENARIOS: readonly Scenario[] = [
  scenario("fan-out", "one target with 1,000 tabs, 8 publishers", fanOut(1_000)),
  scenario("fan-out-10k", "one target with 10,000 tabs, 8 publishers", fanOut(10_000)),
  scenario("single", "one notification a request, 1,000 targets, 32 publishers", {
    ...SMALL,
    publishers: 32,
  }),
  scenario("connect", "one notification a call of Connect in binary, 1,000 targets, 32 publishers", {
    ...SMALL,
    publishers: 32,
    over: "calls",
  }),
  scenario("socket", "32 publisher sockets with one notification unanswered each, 1,000 targets", {
    ...SMALL,
    publishers: 32,
    over: "frames",
  }),
  scenario("socket-100", "8 publisher sockets with 100 notifications unanswered each, 1,000 targets", {
    ...SMALL,
    over: "frames",
    unanswered: 100,
  }),
  scenario("batch", "100 notifications a request, 1,000 targets, 8 publishers", { ...SMALL, batch: 100 }),
  scenario("ndjson", "one request of many lines, as curl sends a file, 1,000 targets", {
    ...SMALL,
    publishers: 1,
    over: "chunks",
    unanswered: 16,
    batch: 200, // about 64 KiB, as curl reads a file
  }),
  scenario("batch-one", "100 notifications a request, all to one target with three tabs", {
    ...SMALL,
    tabs: 3,
    targets: 1,
    batch: 100,
  }),
  scenario("rate", "2,000 notifications/s, 1,000 targets, three tabs each", PACED, [P99, P999]),
  scenario("stalled", "the same, 10 % of the tabs stalled", { ...PACED, stalled: true }, [P99, P999]),
  scenario("idle", "10,000 idle tabs, before the first ping", IDLE, [MEMORY, IDLE_CPU]),
  scenario("idle-pinged", "10,000 idle tabs, each pinged once, as every 30 s", {
    ...IDLE,
    until: { seconds: 35 },
  }, [IDLE_CPU, MEMORY]),
  connecting("storm", "10,000 tabs connect, 64 at once, with tokens if the server checks them", STORM),
  connecting("catch-up", "the same, and each gets a notification that it missed", { ...STORM, missed: 1 }),
];

function scenario(name: string, title: string, plan: Plan, figures: Figure[] = [DELIVERIES]): Scenario {
  return { name, title, plan, secured: false, phase: "running", figures };
}

function connecting(name: string, title: string, plan: Plan): Scenario {
  return { name, title, plan, secured: true, phase: "connecting", figures: [CONNECTS] };
}

function latency(name: string, percentile: (typeof PERCENTILES)[number]): Figure {
  return { name, digits: 2, of: ({ latencies }) => latencies[PERCENTILES.indexOf(percentile)] };
}
