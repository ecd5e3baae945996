/** Finds out when a target was last seen: from what is stored, and from nodes that it has left a moment ago. */

import type { Nodes } from "../cluster/nodes.ts";
import type { LastSeen } from "../presence/last_seen.ts";

/**
 * Resolves with milliseconds since 1970, or null if it is not known. Rejects with `UnavailableError` of the journal's
 * port. A node that cannot answer only means that a time of the last seconds may be missing.
 */
export async function lastSeenAt(
  target: string,
  { nodes, lastSeen }: { nodes: Pick<Nodes, "ask">; lastSeen: Pick<LastSeen, "of"> },
): Promise<number | null> {
  let latest = await lastSeen.of(target);
  for await (const answer of nodes.ask({ kind: "seen", target })) {
    if ("value" in answer && answer.value !== null) latest = Math.max(latest ?? -Infinity, answer.value);
  }
  return latest;
}
