/** `GET /v1/targets`: who is connected, on all nodes, page by page. */

import type { Nodes } from "../../cluster/nodes.ts";
import { Target } from "../../wire/names.ts";
import { Problem } from "../../wire/problem.ts";
import type { TransportKind } from "../../wire/transport_kind.ts";
import { askAllNodes, type NodeResult } from "../ask_nodes.ts";
import type { PublisherHandler } from "../auth/publisher.ts";
import { parseLimit } from "../limit_param.ts";

const LIMIT = { max: 1_000, byDefault: 100 };

/** A target with its connections on all nodes. */
interface ListedTarget {
  readonly target: string;
  connections: number;
  readonly transports: Record<TransportKind, number>;
  readonly nodes: string[];
}

/**
 * Pages are ordered by the target, and a page begins after a target and not at an index. So a target that is connected
 * all the time is in exactly one page, whatever others come and go, and nodes keep nothing between two pages.
 */
export function listTargets(nodes: Nodes): PublisherHandler {
  return async function listTargets(c) {
    const limit = parseLimit(c.req.query("limit"), LIMIT);
    const after = parseTarget(c.req.query("after"));
    const answers = await askAllNodes(nodes, { kind: "targets", after, limit: limit + 1 }); // one more: is there a next page?
    const merged = mergeTargets(answers);
    const targets = merged.slice(0, limit);
    return c.json({ targets, next: merged.length > limit ? targets.at(-1)?.target : null });
  };
}

/** The first targets of all nodes are among the first ones of each. */
function mergeTargets(answers: readonly NodeResult<"targets">[]): readonly ListedTarget[] {
  const merged = new Map<string, ListedTarget>();
  for (const { node, value } of answers.toSorted((a, b) => a.node < b.node ? -1 : 1)) {
    for (const { target, connections: { websocket, sse } } of value) {
      const listed = merged.getOrInsertComputed(target, createListed);
      listed.connections += websocket + sse;
      listed.transports.websocket += websocket;
      listed.transports.sse += sse;
      listed.nodes.push(node);
    }
  }
  return [...merged.values()].sort((a, b) => a.target < b.target ? -1 : 1);
}

function createListed(target: string): ListedTarget {
  return { target, connections: 0, transports: { websocket: 0, sse: 0 }, nodes: [] };
}

/** Empty, or not given: from the beginning. */
function parseTarget(text = ""): string {
  const { success, error } = Target.safeParse(text);
  if (success || text === "") return text;
  throw new Problem("bad-request", `after: ${error.issues[0]?.message}`, { cause: error });
}
