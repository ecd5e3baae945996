/** The first phase: all tabs connect, and stay. */

import { delay } from "../../bench/load/delay.ts";
import { cumulative } from "../curves.ts";
import type { Usage } from "../cluster.ts";
import { type Curve, now, type Stage } from "../stage.ts";

export interface ConnectFigures {
  /** Tabs that are connected at the end, and connections that ended before. */
  readonly connected: number;
  readonly dropped: number;
  readonly seconds: number;
  /** Resident memory of the nodes: what a tab has added, and what a node took before. */
  readonly bytesPerTab: number;
  readonly bytesPerNode: number;
  readonly subscriptions: number;
  readonly natsBytesPerSubscription: number;
  /** CPU time of the nodes for one connection, in seconds. */
  readonly nodeSecondsPerTab: number;
  readonly curve: Curve;
}

const PROGRESS_MS = 5_000;
const REST_MS = 5_000; // for the memory that only connecting needed

/** @param before what the service used before the tabs began to connect */
export async function connect(
  { cluster, crowd, say }: Stage,
  { before, since }: { before: Usage; since: number },
): Promise<ConnectFigures> {
  let saidAt = since;
  const { open, welcomes, closes, refused, reason } = await crowd.until(({ open }) => open === crowd.tabs, {
    onProgress({ open }) {
      if (now() - saidAt < PROGRESS_MS) return;
      saidAt = now();
      say(`  ${open.toLocaleString("en")} tabs are connected`);
    },
  });
  const { nodeSeconds } = await cluster.usage();
  if (refused > 0) say(`  ${refused} attempts were refused, the latest with: ${reason}`);
  await delay(Math.min(REST_MS, crowd.tabs));
  const after = await cluster.usage();
  const subscriptions = after.subscriptions - before.subscriptions;
  return {
    connected: open,
    dropped: closes.count,
    seconds: ((welcomes.last ?? since) - since) / 1_000,
    bytesPerTab: (after.nodeBytes - before.nodeBytes) / open,
    bytesPerNode: before.nodeBytes / cluster.ports.length,
    subscriptions,
    natsBytesPerSubscription: (after.natsBytes - before.natsBytes) / subscriptions,
    nodeSecondsPerTab: (nodeSeconds - before.nodeSeconds) / welcomes.count,
    curve: cumulative(welcomes, since),
  };
}
