/** The backend of a node that has its stores for itself. */

import { SingleNode } from "../cluster/single_node.ts";
import type { StoredRevocations } from "../revocation/stored_revocations.ts";
import type { Backend, BackendDeps } from "./backend.ts";

export function singleNodeBackend(
  stores:
    & Pick<Backend, "journal" | "schedule" | "subscriptions" | "lastSeen" | "presence">
    & { readonly revocations: StoredRevocations },
  deps: BackendDeps,
): Backend {
  const nodes = new SingleNode(deps.node, deps);
  return {
    ...stores,
    node: deps.node,
    nodes,
    knownRevocations: () => stores.revocations.all,
    wipe: () => Promise.resolve(),
    isReachable: () => true,
    isWritable: () => true,
    async close() {
      const { journal, ...others } = stores;
      await Promise.all(Object.values(others).map((store) => store?.close()));
      await journal.close();
    },
  };
}
