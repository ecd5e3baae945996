/** One run: all phases, one after the other, and what became of every notification. */

import { createRandom } from "../random.ts";
import type { Verdict } from "./clients/protocol.ts";
import { Crowd } from "./crowd.ts";
import { connect, type ConnectFigures } from "./phases/connect.ts";
import { everyone, type EveryoneFigures } from "./phases/everyone.ts";
import { lostNode, type LostNodeFigures } from "./phases/lost_node.ts";
import { type SpreadFigures, spreadTarget } from "./phases/spread_target.ts";
import { Publisher } from "./publisher.ts";
import { describe } from "./report.ts";
import { ScaledCluster } from "./cluster.ts";
import { now, type Stage } from "./stage.ts";

export interface RunOptions {
  readonly nodes: number;
  readonly tabs: number;
  readonly targets: number;
  readonly seed: number;
}

export interface Figures {
  readonly connect: ConnectFigures;
  readonly everyone: EveryoneFigures;
  readonly spread: SpreadFigures;
  readonly lostNode: LostNodeFigures;
  readonly again: EveryoneFigures;
}

export interface Outcome {
  readonly options: RunOptions;
  readonly figures: Figures;
  readonly verdict: Verdict;
}

const MAX_SEED = 2 ** 31;

/** @param say prints a line */
export async function run(options: RunOptions, say: (line: string) => void): Promise<Outcome> {
  const { nodes, tabs, targets, seed } = options;
  const random = createRandom(seed);
  await using cluster = await ScaledCluster.start(nodes);
  const before = await cluster.usage(), since = now();
  const { ports } = cluster;
  await using crowd = new Crowd({
    ports,
    tabs,
    targets,
    processes: nodes,
    seed: Math.floor(random() * MAX_SEED),
  });
  const publisher = new Publisher(() => cluster.urls);
  const stage: Stage = { cluster, crowd, publisher, targets, random, say };
  const connected = await told(connect(stage, { before, since }), describe.connect, say);
  const first = await told(everyone(stage), describe.everyone, say);
  const spread = await told(spreadTarget(stage), describe.spread, say);
  const lost = await told(lostNode(stage), describe.lostNode, say);
  const again = await told(everyone(stage), describe.everyone, say);
  return {
    options,
    figures: { connect: connected, everyone: first, spread, lostNode: lost, again },
    verdict: await settled(stage),
  };
}

async function told<F>(
  phase: Promise<F>,
  describe: (figures: F) => string,
  say: (line: string) => void,
): Promise<F> {
  const figures = await phase;
  say(describe(figures));
  return figures;
}

/** What was published to single targets while a node was lost may have to be read from the journal still. */
async function settled({ crowd, publisher }: Stage): Promise<Verdict> {
  let verdict: Verdict;
  for (let before = NaN;;) {
    verdict = await crowd.verdict(publisher.accepted);
    if (verdict.lost === 0 || verdict.delivered === before) return verdict;
    before = verdict.delivered;
    await crowd.until(() => false, { patienceMs: 5_000 });
  }
}
