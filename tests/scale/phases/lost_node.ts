/** A phase: a node is killed, and its tabs come back to the others while publishers go on. */

import { delay } from "../../bench/load/delay.ts";
import type { Tally } from "../clients/protocol.ts";
import { targetOf } from "../clients/placement.ts";
import { difference } from "../curves.ts";
import { type Curve, now, type Stage } from "../stage.ts";

export interface LostNodeFigures {
  /** How many tabs the node had. */
  readonly lost: number;
  /** How many of them came back, and the seconds until half of them and until all were back. */
  readonly back: number;
  readonly halfBack: number;
  readonly allBack: number;
  /** Attempts to connect that were refused: by the port of the dead node, or by nodes that were full. */
  readonly refused: number;
  /** How many notifications were published meanwhile, of which the first one was to everyone. */
  readonly published: number;
  /** CPU time for one connection that resumes, in seconds, of the nodes and of NATS. It includes what was published. */
  readonly nodeSecondsPerTab: number;
  readonly natsSecondsPerTab: number;
  readonly curve: Curve;
}

/** A supervisor starts a node again. Without that, the others may not have as many files as all tabs need. */
const RESTART_AFTER_MS = 5_000;
const PERIOD_MS = 20;
const QUIET_MS = 1_000; // without the end of a connection: then all tabs know that the node is dead

export async function lostNode(stage: Stage): Promise<LostNodeFigures> {
  const { cluster, crowd, publisher, random } = stage;
  const index = Math.floor(random() * cluster.ports.length);
  const before = await crowd.tally();
  const since = now();
  await cluster.killNode(index);
  const usage = await cluster.usage();
  const starting = delay(RESTART_AFTER_MS).then(() => cluster.startNode(index));
  const accepted = publisher.accepted.length, isOver = new AbortController();
  const publishing = publishUntil(isOver.signal, stage);
  const gone = ({ closes }: Pick<Tally, "closes">) => closes.count - before.closes.count;
  const isQuiet = ({ closes }: Tally) => gone({ closes }) > 0 && now() - (closes.last ?? 0) > QUIET_MS;
  const tally = await crowd.until((tally) => tally.open === crowd.tabs && isQuiet(tally));
  const after = await cluster.usage();
  isOver.abort();
  await Promise.all([publishing, starting]);
  const lost = gone(tally), back = tally.welcomes.count - before.welcomes.count;
  const curve = difference(tally.welcomes, { gone: tally.closes, since, before: before.open });
  return {
    lost,
    back,
    halfBack: curve.findLast(([, tabs]) => tabs < crowd.tabs - lost / 2)?.[0] ?? 0,
    allBack: ((tally.welcomes.last ?? NaN) - since) / 1_000,
    refused: tally.refused - before.refused,
    published: publisher.accepted.length - accepted,
    nodeSecondsPerTab: (after.nodeSeconds - usage.nodeSeconds) / back,
    natsSecondsPerTab: (after.natsSeconds - usage.natsSeconds) / back,
    curve,
  };
}

/** One to everyone while the tabs are away, and then one after the other to targets of any tab. */
async function publishUntil(over: AbortSignal, { crowd, publisher, targets, random }: Stage): Promise<void> {
  await publisher.publish(null);
  while (!over.aborted) {
    await Promise.all([
      publisher.publish(targetOf(Math.floor(random() * crowd.tabs), targets)),
      delay(PERIOD_MS),
    ]);
  }
}
