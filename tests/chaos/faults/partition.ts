/** A network partition: a node and its NATS server lose sight of the other two, and clients reach all of them. */

import { defineFault } from "../fault.ts";
import { NAMESPACES, NATS_CLUSTER } from "../needs.ts";
import { openPartitionStage } from "../stages/partition_stage.ts";

export const partition = defineFault({
  name: "partition",
  title: "Of three machines, each with a node and a NATS server, one is partitioned from the others for 30 s",
  needs: [NATS_CLUSTER, NAMESPACES],
  promises: { nats: "nothing lost" },
  stage: openPartitionStage,
  async inflict({ equipment: network, count }, { random, wait }) {
    const index = Math.floor(random() * count);
    await network.isolate(index);
    await wait({ long: 30, short: 5 });
    await network.heal(index);
  },
});
