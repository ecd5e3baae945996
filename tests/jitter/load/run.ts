/** Runs one load: all clients arrive, then messages are published and connections cut, then what is missing may come. */

import { delay } from "../../bench/load/delay.ts";
import { cpuSeconds } from "../../bench/load/usage.ts";
import { createRandom } from "../../random.ts";
import { MESSAGES, paceOf, SECONDS } from "../scenario.ts";
import { Client } from "./client.ts";
import { cutsOf } from "./cuts.ts";
import { LagMeter } from "./lag.ts";
import { LANGUAGES } from "./languages.ts";
import { Log } from "./log.ts";
import type { Measured, Plan } from "./plan.ts";
import { publishAll } from "./publisher.ts";
import { timesOf } from "./times.ts";

const ARRIVING = 50, LOOK_MS = 20;

export async function run(plan: Plan): Promise<Measured> {
  const { scenario, port, pid, notify, quietMs } = plan, pace = paceOf(scenario);
  const language = LANGUAGES[plan.language], log = new Log();
  const clients = clientsOf(plan, log);
  await arriveAll(clients);
  await delay(SECONDS.rest * pace);
  using meter = new LagMeter();
  const cpu = cpuSeconds(pid), start = performance.now();
  const url = `http://127.0.0.1:${port}${notify}`, everyMs = SECONDS.betweenMessages * pace;
  const [slowestAnswer] = await Promise.all([
    publishAll({ url, language, log, everyMs }, start),
    ...clients.map((client, number) => client.live(cutsOf(number, scenario), start)),
  ]);
  const expected = MESSAGES * clients.length;
  await settled(log, { expected, quietMs });
  const cpuAfter = cpuSeconds(pid);
  for (const client of clients) client.leave();
  return {
    ...resultOf(log, expected),
    cpuSeconds: cpu === null || cpuAfter === null ? null : cpuAfter - cpu,
    slowestAnswer,
    lag: meter.lag,
  };
}

function clientsOf({ scenario, language, port }: Plan, log: Log): Client[] {
  const random = createRandom(scenario.seed), pace = paceOf(scenario), { from, to } = SECONDS.retry;
  const retryMs = () => pace * (from + random() * (to - from));
  return Array.from(
    { length: scenario.clients },
    () => new Client({ port, dialect: LANGUAGES[language].create(), log, retryMs }),
  );
}

async function arriveAll(clients: readonly Client[]): Promise<void> {
  let next = 0;
  const arriveOneByOne = async () => {
    for (let client = clients[next++]; client !== undefined; client = clients[next++]) await client.arrive();
  };
  await Promise.all(Array.from({ length: ARRIVING }, arriveOneByOne));
}

/** Resolves when everything has arrived, or when nothing has for a while. */
async function settled(
  log: Log,
  { expected, quietMs }: { expected: number; quietMs: number },
): Promise<void> {
  let last = performance.now();
  log.onDelivery = () => last = performance.now();
  while (log.ages.length < expected && performance.now() - last < quietMs) await delay(LOOK_MS);
}

function resultOf(log: Log, expected: number): Omit<Measured, "cpuSeconds" | "slowestAnswer" | "lag"> {
  const { ages, replays, returns, doubled, cuts, recovered, unrecovered, failures } = log;
  return {
    expected,
    delivered: ages.length,
    doubled,
    cuts,
    recovered,
    unrecovered,
    failures,
    age: timesOf(ages, expected),
    replay: timesOf(replays, returns),
    replays: returns,
  };
}
