/** The grounds that a node stands on: what keeps and carries its notifications, and who else is there. */

import type { Feed, Journal } from "../journal/journal.ts";
import type { Limits } from "../config/limits.ts";
import type { Nodes } from "../cluster/nodes.ts";

export interface Backend {
  readonly journal: Journal;
  readonly nodes: Nodes;
  /** The journal, as far as is known. */
  readonly isReachable: () => boolean;
  /** Ends what is left when the journal is closed. */
  readonly close: () => Promise<void>;
}

/** What they are made with. */
export interface BackendDeps {
  /** What this node is called. */
  readonly node: string;
  readonly feed: Feed;
  readonly limits: Limits;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How many this node has, and how many it may have. */
  readonly connections: () => number;
  readonly capacity: () => number;
  /** How many a target may have, on all nodes. */
  readonly maxPerTarget: number;
  /** Told what goes wrong and is no request's fault. */
  readonly report: (error: unknown) => void;
  /** Told what makes this node useless. */
  readonly failed: (error: Error) => void;
}
