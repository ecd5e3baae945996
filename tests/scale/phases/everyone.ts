/** A phase: one notification goes to everyone. */

import { cumulative } from "../curves.ts";
import { type Curve, now, type Stage } from "../stage.ts";

export interface EveryoneFigures {
  readonly delivered: number;
  /** Seconds from the publisher's request until its answer, and until the first and the last tab had it. */
  readonly answered: number;
  readonly first: number;
  readonly last: number;
  /** CPU time for one delivery, in seconds: of the nodes, and of the processes with the tabs. */
  readonly nodeSecondsPerDelivery: number;
  readonly tabSecondsPerDelivery: number;
  readonly curve: Curve;
}

export async function everyone({ cluster, crowd, publisher }: Stage): Promise<EveryoneFigures> {
  const before = await cluster.usage(), tabsBefore = crowd.cpuSeconds;
  const { serial, sentAt } = await publisher.publish(null);
  const answered = now();
  const { deliveries: { count, first, last, tenths } } = await crowd.until(
    ({ deliveries }) => deliveries.count >= crowd.tabs,
    { serial },
  );
  const after = await cluster.usage();
  return {
    delivered: count,
    answered: (answered - sentAt) / 1_000,
    first: ((first ?? NaN) - sentAt) / 1_000,
    last: ((last ?? NaN) - sentAt) / 1_000,
    nodeSecondsPerDelivery: (after.nodeSeconds - before.nodeSeconds) / count,
    tabSecondsPerDelivery: (crowd.cpuSeconds - tabsBefore) / count,
    curve: cumulative({ count, first, last, tenths }, sentAt),
  };
}
