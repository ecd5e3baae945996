/** Opens the stage of a fault that may happen with every journal. */

import { ClusterStage } from "./cluster_stage.ts";
import { LocalStage } from "./local_stage.ts";
import type { JournalName, Stage } from "./stage.ts";

/** @param options.nodes how many there are if they share NATS; otherwise there is one */
export async function openStage(
  journal: JournalName,
  { nodes = 1, environment = {} }: { nodes?: number; environment?: Readonly<Record<string, string>> } = {},
): Promise<Stage> {
  if (journal === "nats") return await ClusterStage.open(nodes, environment);
  return await LocalStage.open(journal, { environment });
}
