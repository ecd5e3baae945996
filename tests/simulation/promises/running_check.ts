/** Holds nodes to their limits while a history is played. */

import type { Session } from "../../../src/connection/session.ts";
import type { Attachment } from "../nodes/attachment.ts";
import type { Cluster } from "../nodes/cluster.ts";
import type { SimNode } from "../nodes/sim_node.ts";
import type { World } from "../runtime/world.ts";

const HIGH_WATER_BYTES = 64 * 1024;
const MAX_STALLED_MS = 36_000; // 30 seconds, and what the polls take
const MAX_EXPIRED_MS = 2_500; // two ticks

/** Called between two steps. What has to be asked of a hub is checked when it answers. */
export function checkRunning(world: World, cluster: Cluster): void {
  for (const node of cluster.nodes) {
    checkSlots(world, node);
    if (node.process.suspendedUntil + MAX_STALLED_MS > world.now) continue;
    world.scheduler.after(0, { label: "is looked at", process: node.process }, () => {
      void checkConnections(world, node);
    });
  }
}

function checkSlots({ verdict, setting }: World, { core, attachments, process }: SimNode): void {
  const { maxConnections, maxConnectionsPerTarget, nodes } = setting, { taken } = core.slots;
  if (taken < 0 || taken > maxConnections) {
    verdict.broken("slots", `${process.name} has ${taken} slots taken`);
  }
  const open = [...attachments].filter(({ end }) => end.isOpen);
  for (const { target } of nodes === 1 ? open : []) {
    const { length } = open.filter((one) => one.target === target);
    if (length > maxConnectionsPerTarget) {
      verdict.broken("slots", `${target} has ${length} connections, of ${maxConnectionsPerTarget} at most`);
    }
  }
}

/** What the hub knows has not ended. */
async function checkConnections(world: World, node: SimNode): Promise<void> {
  const attachments = new Map([...node.attachments].map((one) => [one.id, one]));
  for (const session of await node.connectionsOf(null)) {
    const attachment = attachments.get(session.id),
      wasSuspended = world.now < node.process.suspendedUntil + MAX_STALLED_MS;
    if (attachment !== undefined && !wasSuspended) checkConnection(world, { session, attachment, node });
  }
}

function checkConnection(
  { verdict, now, scheduler, setting: { outboxBytes } }: World,
  { session: { id, outbox }, attachment, node: { process } }: {
    readonly session: Session;
    readonly attachment: Attachment;
    readonly node: SimNode;
  },
): void {
  const { expiresAt, wire } = attachment;
  const expiredMs = scheduler.clock(process) - (expiresAt ?? Infinity);
  if (expiredMs > MAX_EXPIRED_MS) {
    verdict.broken("tokens", `${id} is open ${expiredMs} ms after its token expired`);
  }
  if (outbox.bytes > outboxBytes && outbox.size > 1) {
    verdict.broken("bounds", `the outbox of ${id} has ${outbox.bytes} bytes`);
  }
  const isWaiting = wire.buffered > HIGH_WATER_BYTES && (!outbox.live || outbox.size > 0);
  attachment.stuckSince = isWaiting ? Math.max(attachment.stuckSince ?? now, wire.progressAt) : null;
  const stuckMs = now - (attachment.stuckSince ?? now);
  if (stuckMs > MAX_STALLED_MS) {
    verdict.broken("stalls", `${id} is open, and nothing was sent for ${stuckMs} ms`);
  }
}
