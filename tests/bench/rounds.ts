/** Measures in rounds, so that other work on the machine affects all servers alike. */

import type { Pin } from "./cores.ts";
import type { Plan, Result, Secrets } from "./load/plan.ts";
import { measure } from "./measure.ts";
import type { Peer } from "./peer.ts";
import type { Scenario } from "./scenarios.ts";

/** The results of one server in one scenario, one per round. */
export interface Row {
  readonly scenario: Scenario;
  readonly server: string;
  readonly results: readonly Result[];
}

export interface RoundOptions {
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly pin: Pin;
  /** Called with a line of text before each measurement. */
  readonly progress: (line: string) => void;
}

const SECRETS: Secrets = {
  key: "a-key-that-only-the-publishers-of-a-bench-know",
  token: "a secret that only the tokens of a bench are signed with",
};

export async function measureIn(scenarios: readonly Scenario[], options: RoundOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const scenario of scenarios) rows.push(...await measureOne(scenario, options));
  return rows;
}

/** Only some servers have sockets for publishers, take lines or calls, or keep what a tab missed. */
function isAble({ resumes, routes }: Peer, { over, missed }: Plan): boolean {
  const { notify, call, publish, lines } = routes;
  const route = { requests: notify, calls: call, frames: publish, chunks: lines }[over];
  return route !== null && (resumes || missed === 0);
}

async function measureOne(
  scenario: Scenario,
  { peers, rounds, pin, progress }: RoundOptions,
): Promise<Row[]> {
  const { plan, secured } = scenario;
  const able = peers.filter((peer) => isAble(peer, plan));
  const rows = able.map((peer) => ({ peer, results: [] as Result[] }));
  for (let round = 1; round <= rounds; round++) {
    for (const { peer, results } of round % 2 === 1 ? rows : rows.toReversed()) {
      progress(`${scenario.name}, round ${round} of ${rounds}: ${peer.name}`);
      results.push(await measure(peer, { plan, pin, secrets: secured ? SECRETS : null }));
    }
  }
  return rows.map(({ peer, results }) => ({ scenario, server: peer.name, results }));
}
