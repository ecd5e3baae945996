/** Holds nodes without connections to having nothing left of them. */

import type { Cluster } from "../nodes/cluster.ts";
import type { SimNode } from "../nodes/sim_node.ts";
import { SimNodes } from "../nodes/sim_nodes.ts";
import type { World } from "../runtime/world.ts";

/** Those of the rebalancing, of the revocations, and of what has expired in the journal. */
const IDLE_TIMERS = 3;

/** Called in the process of a node, long after the last connection has closed. */
export async function checkEnd({ world, cluster }: { world: World; cluster: Cluster }): Promise<void> {
  for (const node of cluster.nodes) await checkNode(world, node);
  const followed = [...cluster.journal?.followed ?? []];
  if (followed.length > 0) {
    world.verdict.broken("slots", `the journal still follows ${followed}, which have no connections`);
  }
}

async function checkNode({ verdict, scheduler }: World, node: SimNode): Promise<void> {
  const { process, core, attachments, backend: { nodes } } = node, { name } = process;
  const ghosts = await node.connectionsOf(null);
  if (ghosts.length > 0) {
    verdict.broken("ghosts", `the hub of ${name} still has ${ghosts.length} connections`);
  }
  if (core.slots.taken !== 0) verdict.broken("slots", `${core.slots.taken} slots of ${name} are still taken`);
  const announced = nodes instanceof SimNodes ? [...nodes.announced.keys()] : [];
  if (announced.length > 0) verdict.broken("slots", `${name} still announces ${announced}`);
  const { ended, feed } = await core.metrics.read();
  const ends = Object.values(ended).reduce((sum, count) => sum + count, 0);
  if (ends !== attachments.size) {
    verdict.broken("ghosts", `${name} has had ${attachments.size} connections, and ${ends} have ended`);
  }
  if (feed.taken > 0) {
    verdict.broken("bounds", `${feed.taken} notifications still wait for the hub of ${name}`);
  }
  if (!node.hasAllRoom) verdict.broken("bounds", `room in the queue of ${name} was never given back`);
  const timers = scheduler.pendingOf(process).filter(({ label }) => label.startsWith("timer"));
  if (timers.length > IDLE_TIMERS) {
    verdict.broken("stop", `${name} has ${timers.length} timers: ${timers.map(({ label }) => label)}`);
  }
}
