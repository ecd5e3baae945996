/** This node's part in the service of all nodes: it answers their questions, and sends away what is above its share. */

import { createHandlers, type HandlersDeps } from "../cluster/handlers.ts";
import { Rebalancer } from "../cluster/rebalancer.ts";
import { createLocalReceiver, createReceiver, type Receive } from "../cluster/receive.ts";
import type { Admission } from "../connection/admission.ts";
import { scanTargets } from "../hub/target_scan.ts";
import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";
import { log } from "./log.ts";

/** Starts to answer the questions of all nodes. Returns the function that takes posted messages to their connection. */
export function serveNodes(
  { hub, recentlyLeft, reports, metrics }: Core,
  { nodes, admission, erase }:
    & Pick<Backend, "nodes">
    & Pick<HandlersDeps, "erase">
    & { readonly admission: Admission },
): Receive {
  const connectionsOf = hub.connectionsOf.bind(hub);
  const receiveLocally = createLocalReceiver(async (target) => [
    ...await connectionsOf(target),
    ...recentlyLeft.of(target),
  ]);
  nodes.serve(createHandlers({
    connectionsOf,
    seenAt: (target) => admission.seenAt(target),
    scanTargets: (options) => scanTargets(hub, options),
    reports,
    receive: receiveLocally,
    erase,
    metrics,
  }));
  return createReceiver({ receiveLocally, nodes });
}

/** Compares the loads of the nodes once a heartbeat, until the timer that it returns is cleared. */
export function startRebalancing(
  core: Core,
  { nodes, isReachable }: Pick<Backend, "nodes" | "isReachable">,
): ReturnType<typeof setInterval> {
  const rebalancer = new Rebalancer({
    members: () => nodes.members(),
    connections: () => core.hub.connectionsOf(null),
    isReady: () => !core.isDraining() && isReachable(),
    onStart: (load) =>
      log.info("closing excess connections: this node has {connections}, and its share is {share}", {
        ...load,
      }),
  });
  return setInterval(() => void rebalancer.tick().catch(core.report), core.limits.heartbeatMs);
}
