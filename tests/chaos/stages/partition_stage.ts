/** A stage with three machines, each with a node and a NATS server, in network namespaces. */

import { ClusterStage } from "./cluster_stage.ts";
import { EquippedStage } from "./equipped_stage.ts";
import { Network } from "./network.ts";

export async function openPartitionStage(): Promise<EquippedStage<Network>> {
  return await EquippedStage.open(await Network.open(), ({ hosts }) => ClusterStage.openReplicated(hosts));
}
