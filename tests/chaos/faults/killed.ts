/** SIGKILL: the process of a node ends at once, and starts again. */

import { defineFault } from "../fault.ts";
import { openStage } from "../stages/open_stage.ts";

export const killed = defineFault({
  name: "killed",
  title: "The only node is killed (SIGKILL), and starts again",
  needs: [],
  promises: { memory: "told", sqlite: "nothing lost", nats: "nothing lost" },
  stage: (journal) => openStage(journal),
  async inflict(stage, { random, wait }) {
    for (let kill = 0; kill < 3; kill++) {
      await stage.stopNode(0, "SIGKILL");
      await stage.startNode(0);
      await wait({ long: random() * 2, short: random() / 2 });
    }
  },
});
