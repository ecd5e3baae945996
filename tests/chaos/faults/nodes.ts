/** Faults of one node among several: it is killed, or all are restarted in turn. */

import { defineFault } from "../fault.ts";
import { ClusterStage } from "../stages/cluster_stage.ts";
import { openStage } from "../stages/open_stage.ts";

export const nodeKilled = defineFault({
  name: "node-killed",
  title: "One of three nodes is killed (SIGKILL) for 10 s",
  needs: [],
  promises: { nats: "nothing lost" },
  stage: () => ClusterStage.open(3),
  async inflict(stage, { random, wait }) {
    const index = Math.floor(random() * stage.count);
    await stage.stopNode(index, "SIGKILL");
    await wait({ long: 10, short: 1 });
    await stage.startNode(index);
  },
});

export const rollingRestart = defineFault({
  name: "rolling-restart",
  title: "Every node is restarted in turn (SIGTERM): three with NATS, otherwise the only one",
  needs: [],
  promises: { memory: "told", sqlite: "nothing lost", nats: "nothing lost" },
  stage: (journal) => openStage(journal, { nodes: 3 }),
  async inflict(stage, { wait }) {
    for (let index = 0; index < stage.count; index++) {
      await stage.stopNode(index, "SIGTERM");
      await stage.startNode(index);
      await wait({ long: 2, short: 0.3 });
    }
  },
});
