/** SIGKILL: the process of a node ends at once, and starts again. */

import { defineFault } from "../fault.ts";
import { openStage } from "../stages/open_stage.ts";

export const killed = defineFault({
  name: "killed",
  title: "The only node is killed three times (SIGKILL), and starts again",
  needs: [],
  promises: { memory: "told", sqlite: "nothing lost", nats: "nothing lost" },
  stage: (journal) => openStage(journal),
  async inflict(stage, { random, choose, wait }) {
    for (let kills = choose({ long: 3, short: 1 }); kills > 0; kills--) {
      await stage.stopNode(0, "SIGKILL");
      await stage.startNode(0);
      await wait({ long: random() * 2, short: random() / 2 });
    }
  },
});
