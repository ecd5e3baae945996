/** SIGSTOP: the process of a node stands still, as in a paused virtual machine, and then goes on. */

import { defineFault } from "../fault.ts";
import { openStage } from "../stages/open_stage.ts";

export const frozen = defineFault({
  name: "frozen",
  title: "The only node stands still for 60 s (SIGSTOP)",
  needs: [],
  promises: { memory: "nothing lost", sqlite: "nothing lost", nats: "nothing lost" },
  stage: (journal) => openStage(journal),
  async inflict(stage, { wait }) {
    stage.node(0).signal("SIGSTOP");
    await wait({ long: 60, short: 2 });
    stage.node(0).signal("SIGCONT");
  },
});
