/** The metrics of this process, whichever of its isolates is asked for them. */

import { mergeMetrics } from "../metrics/merged_metrics.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";

/** An isolate that does not answer in time is missing from them. */
const MAX_MS = 2_000;

export async function readMetrics(
  { metrics, link }: Pick<Core, "metrics" | "link">,
  { nodes, node: own }: Pick<Backend, "nodes" | "node">,
): Promise<Metrics> {
  if (link === null) return await metrics.read();
  const others: Metrics[] = [];
  for await (const answer of nodes.ask({ kind: "metrics" }, AbortSignal.timeout(MAX_MS))) {
    if (answer.node !== own && "value" in answer) others.push(answer.value);
  }
  return { ...mergeMetrics([await metrics.read(), ...others]), targets: await link.countTargets() };
}
