/** The backend of a node: the journal that keeps and carries its notifications, and the other nodes. */

import { SingleNode } from "../cluster/single_node.ts";
import type { Nodes } from "../cluster/nodes.ts";
import type { Feed, Journal } from "../journal/journal.ts";
import { MemoryJournal } from "../journal/memory.ts";
import { SqliteJournal } from "../journal/sqlite/sqlite_journal.ts";
import type { Core } from "./core.ts";

export interface Backend {
  readonly journal: Journal;
  readonly nodes: Nodes;
  /** False while the journal is known to be out of reach. */
  readonly isReachable: () => boolean;
  /** Closes the journal and then whatever it ran on. */
  readonly close: () => Promise<void>;
}

/** What a backend needs of the node, which has a name of its own among the others. */
export type BackendDeps = Pick<Core, "config" | "limits" | "now" | "report"> & {
  readonly node: string;
  readonly feed: Feed;
  /** The connections that this node has, and the number that it may have. */
  readonly connections: () => number;
  readonly capacity: () => number;
  /** Called with the error that makes this node useless. */
  readonly failed: (error: Error) => void;
};

/** The only place that chooses an adapter. NATS is loaded only by a node that uses it. */
export async function openBackend(core: Core): Promise<Backend> {
  const { config: { journal: url, retention, maxConnections }, feed, now } = core;
  const deps = {
    ...core,
    node: crypto.randomUUID(),
    connections: () => core.slots.taken,
    capacity: () => core.isDraining() ? 0 : maxConnections,
    failed: (error: Error) => void core.failures.trySend(error),
  };
  switch (url.kind) {
    case "memory":
      return single(new MemoryJournal(feed, retention, now), deps);
    case "sqlite":
      return single(
        await SqliteJournal.open(url.path, feed, { ...url, retention, now, onFailure: deps.failed }),
        deps,
      );
    case "nats": {
      const { openNatsBackend } = await import("./nats_backend.ts");
      return await openNatsBackend(url, deps);
    }
    default:
      return url satisfies never;
  }
}

function single(journal: Journal, deps: BackendDeps): Backend {
  const nodes = new SingleNode(deps.node, deps);
  return { journal, nodes, isReachable: () => true, close: () => journal.close() };
}
