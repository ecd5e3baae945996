/** Measures in rounds: each has every server once, so that what the machine does meanwhile is shared out evenly. */

import type { Pin } from "./cores.ts";
import type { Result, Secrets } from "./load/plan.ts";
import { measure } from "./measure.ts";
import type { Peer } from "./peers.ts";
import type { Scenario } from "./scenarios.ts";

/** What one server did in one scenario, a result a round. */
export interface Row {
  readonly scenario: Scenario;
  readonly server: string;
  readonly results: readonly Result[];
}

export interface RoundsParts {
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly pin: Pin;
  /** Is told what is measured next. */
  readonly progress: (line: string) => void;
}

const SECRETS: Secrets = {
  key: "a-key-that-only-the-publishers-of-a-bench-know",
  token: "a secret that only the tokens of a bench are signed with",
};

export async function measureIn(scenarios: readonly Scenario[], parts: RoundsParts): Promise<Row[]> {
  const rows: Row[] = [];
  for (const scenario of scenarios) rows.push(...await measureOne(scenario, parts));
  return rows;
}

async function measureOne(scenario: Scenario, { peers, rounds, pin, progress }: RoundsParts): Promise<Row[]> {
  const { plan, secured } = scenario;
  const rows = peers.map((peer) => ({ peer, results: [] as Result[] }));
  for (let round = 1; round <= rounds; round++) {
    for (const { peer, results } of round % 2 === 1 ? rows : rows.toReversed()) {
      progress(`${scenario.name}, round ${round} of ${rounds}: ${peer.name}`);
      results.push(await measure(peer, { plan, pin, secrets: secured ? SECRETS : null }));
    }
  }
  return rows.map(({ peer, results }) => ({ scenario, server: peer.name, results }));
}
