/** Calculates from the figures of a run what more tabs would need, if everything grew in proportion. */

import type { RunOptions } from "./run.ts";
import type { ConnectFigures } from "./phases/connect.ts";
import type { EveryoneFigures } from "./phases/everyone.ts";
import type { LostNodeFigures } from "./phases/lost_node.ts";

/** The figures that the calculation begins with. */
export interface Measured {
  readonly options: Pick<RunOptions, "tabs" | "nodes">;
  readonly connect: Pick<
    ConnectFigures,
    "bytesPerTab" | "bytesPerNode" | "subscriptions" | "natsBytesPerSubscription" | "nodeSecondsPerTab"
  >;
  readonly everyone: Pick<EveryoneFigures, "nodeSecondsPerDelivery">;
  readonly lostNode: Pick<LostNodeFigures, "nodeSecondsPerTab" | "natsSecondsPerTab">;
}

/** What a service with some number of tabs needs. Each node has a processor core for itself. */
export interface Projection {
  readonly tabs: number;
  readonly nodes: number;
  readonly bytesOfNode: number;
  readonly bytesOfNodes: number;
  readonly subscriptions: number;
  /** Of each NATS server: all servers of a cluster know all subscriptions. */
  readonly bytesOfNats: number;
  /** Seconds of CPU in all, and the seconds until the last tab has it, for one notification to everyone. */
  readonly cpuOfEveryone: number;
  readonly secondsOfEveryone: number;
  /** Seconds of work for each other node, and for NATS, when the tabs of a lost one come back. */
  readonly secondsAfterLoss: number;
  readonly natsSecondsAfterLoss: number;
  /** Seconds of work for each node, when all tabs connect at once. */
  readonly secondsOfAll: number;
  /** Heartbeats that NATS sends a second: each node sends one, and every node receives it. */
  readonly heartbeats: number;
}

/** The default of TIDINGS_MAX_CONNECTIONS. */
export const TABS_PER_NODE = 50_000;

export function project(
  { options, connect, everyone, lostNode }: Measured,
  { tabs, nodes = Math.ceil(tabs / TABS_PER_NODE) }: { tabs: number; nodes?: number },
): Projection {
  const each = tabs / nodes;
  const bytesOfNode = connect.bytesPerNode + each * connect.bytesPerTab;
  const subscriptions = tabs * connect.subscriptions / options.tabs;
  return {
    tabs,
    nodes,
    bytesOfNode,
    bytesOfNodes: nodes * bytesOfNode,
    subscriptions,
    bytesOfNats: subscriptions * connect.natsBytesPerSubscription,
    cpuOfEveryone: tabs * everyone.nodeSecondsPerDelivery,
    secondsOfEveryone: each * everyone.nodeSecondsPerDelivery,
    secondsAfterLoss: each / (nodes - 1) * lostNode.nodeSecondsPerTab,
    natsSecondsAfterLoss: each * lostNode.natsSecondsPerTab,
    secondsOfAll: each * connect.nodeSecondsPerTab,
    heartbeats: nodes ** 2,
  };
}
