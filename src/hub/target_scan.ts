/** Goes through all targets that have connections, in slices, so that the hub and the event loop go on meanwhile. */

import type { ConnectionMap } from "./by_target.ts";
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";

/** Receives targets in any order. A target that leaves and returns during the scan may come twice. */
export interface TargetVisitor {
  /** Whether the connections of this target are of interest. Called for each target. */
  wants(target: string): boolean;
  add(target: string, connections: Iterable<Connection>): void;
}

/** A slice takes less than a millisecond, even if every target of it is wanted. */
const TARGETS_PER_SLICE = 2_048;

/** Shows the visitor every target that has connections during the whole scan. Ends early when the signal aborts. */
export async function scanTargets<C extends Connection>(
  hub: Pick<Hub<C>, "query">,
  { visitor, signal }: { readonly visitor: TargetVisitor; readonly signal: AbortSignal },
): Promise<void> {
  let targets: Iterator<string, undefined> | undefined;
  const visitSlice = (connections: ConnectionMap<C>): boolean => {
    targets ??= connections.targets();
    for (let left = TARGETS_PER_SLICE; left > 0; left--) {
      const { done, value: target } = targets.next();
      if (done) return true;
      if (visitor.wants(target)) visitor.add(target, connections.of(target));
    }
    return false;
  };
  while (!signal.aborted && !await hub.query(visitSlice));
}
