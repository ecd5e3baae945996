/** A phase: a target has tabs on three nodes, one notification reaches all, and its report has the sum over the nodes. */

import { eventually } from "../../eventually.ts";
import { SPREAD_TABS, SPREAD_TARGET } from "../clients/placement.ts";
import type { Stage } from "../stage.ts";

export interface SpreadFigures {
  readonly delivered: number;
  /** Seconds until the last tab had it. */
  readonly last: number;
  /** What the report says, from whichever node. */
  readonly sent: number;
  readonly acked: number;
  readonly nodesThatAgree: number;
}

interface Report {
  readonly sent: number;
  readonly acked: number;
}

export async function spreadTarget({ cluster, crowd, publisher }: Stage): Promise<SpreadFigures> {
  const { serial, id, sentAt } = await publisher.publish(SPREAD_TARGET, { acks: true });
  const { deliveries: { count, last } } = await crowd.until(
    ({ deliveries }) => deliveries.count >= SPREAD_TABS,
    { serial },
  );
  let reports: readonly Report[] = [];
  await eventually(async () => {
    reports = await Promise.all(cluster.urls.map((url) => reportFrom(url, id)));
    return reports.every(({ acked }) => acked >= count);
  }, "the acks in the reports of all nodes");
  const [{ sent, acked } = { sent: 0, acked: 0 }] = reports;
  return {
    delivered: count,
    last: ((last ?? NaN) - sentAt) / 1_000,
    sent,
    acked,
    nodesThatAgree: reports.filter((one) => one.sent === sent && one.acked === acked).length,
  };
}

async function reportFrom(url: string, id: string): Promise<Report> {
  const response = await fetch(`${url}/v1/notifications/${id}`);
  return await response.json();
}
