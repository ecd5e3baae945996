/** Holds the answer to a publisher that waited for acks to what the connections have acked by then. */

import type { Published } from "../../../src/sources/publish.ts";
import type { Attachment } from "../nodes/attachment.ts";
import type { Cluster } from "../nodes/cluster.ts";
import type { World } from "../runtime/world.ts";

const SLACK_MS = 1_500; // on the way between nodes, and until a hub has had its turn

export function checkWait(
  { verdict, now, setting, ledger }: World,
  { cluster, published, startedAt, seconds, isReported }: {
    readonly cluster: Cluster;
    readonly published: Published;
    readonly startedAt: number;
    readonly seconds: number;
    readonly isReported: boolean;
  },
): void {
  const isTroubled = cluster.troubledAt + SLACK_MS > startedAt;
  const isReused = published.accepted().some(({ id, target }) => ledger.countOf(id, target) > 1);
  if (isTroubled || isReused || !isReported || setting.skewMs > 0) return;
  const isTimedOut = now - startedAt >= seconds * 1_000 - SLACK_MS;
  const all = cluster.nodes.flatMap(({ attachments }) => [...attachments]);
  const open = all.filter(({ end }) => end.isOpen);
  for (const { id, target } of published.accepted()) {
    const ofTarget = open.filter((one) => target === null || one.target === target);
    const early = ofTarget.find((one) => isHanded(one, id, startedAt) && !one.acked.has(id));
    if (!isTimedOut && early !== undefined) {
      verdict.broken("waits", `the publisher was answered before ${early.id} had acked ${id}`);
    }
  }
  const isInVain = published.accepted().every(({ id, target }) =>
    open.every((one) => (target !== null && one.target !== target) || isAcked(one, id, now - SLACK_MS))
  );
  const isAtRest = [cluster.changedAt, ...all.map(({ closedAt }) => closedAt)].every((at) =>
    at < now - SLACK_MS
  );
  if (isAtRest && isTimedOut && now - startedAt > 3 * SLACK_MS && isInVain) {
    verdict.broken("waits", `the publisher of ${published.ids} waited although everything was acked`);
  }
}

/** An event stream may have ended without its server knowing yet. */
function isHanded({ handed, transport }: Attachment, id: string, before: number): boolean {
  return transport === "websocket" && (handed.get(id) ?? Infinity) <= before;
}

function isAcked({ acked }: Attachment, id: string, before: number): boolean {
  return (acked.get(id) ?? Infinity) <= before;
}
