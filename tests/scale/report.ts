/** Says in a line or two what a phase has measured, and what became of all notifications. */

import type { Verdict } from "./clients/protocol.ts";
import { SPREAD_TABS } from "./clients/placement.ts";
import type { ConnectFigures } from "./phases/connect.ts";
import type { EveryoneFigures } from "./phases/everyone.ts";
import type { LostNodeFigures } from "./phases/lost_node.ts";
import type { SpreadFigures } from "./phases/spread_target.ts";
import type { Outcome } from "./run.ts";
import { count, kilobytes, megabytes, microseconds, seconds } from "./units.ts";

export const describe = {
  connect(figures: ConnectFigures): string {
    const { connected, dropped, seconds: time, bytesPerTab, bytesPerNode, nodeSecondsPerTab } = figures;
    return `connect     ${count(connected)} tabs in ${seconds(time)}: ${count(connected / time)} a second; ` +
      `a tab takes ${kilobytes(bytesPerTab)} of a node, above ${megabytes(bytesPerNode)}, ` +
      `and ${microseconds(nodeSecondsPerTab)} of CPU\n` +
      `            ${count(figures.subscriptions)} subscriptions in NATS, ` +
      `${kilobytes(figures.natsBytesPerSubscription)} each` +
      (dropped > 0 ? `\n            ${count(dropped)} connections broke off: this machine is too busy` : "");
  },

  everyone({ delivered, answered, first, last, nodeSecondsPerDelivery }: EveryoneFigures): string {
    return `everyone    ${count(delivered)} deliveries of one notification: answered after ${
      seconds(answered)
    }, ` +
      `the first after ${seconds(first)}, the last after ${seconds(last)}; ` +
      `${microseconds(nodeSecondsPerDelivery)} of CPU each`;
  },

  spread({ delivered, last, sent, acked, nodesThatAgree }: SpreadFigures): string {
    return `one target  ${delivered} of ${SPREAD_TABS} tabs, on as many nodes, after ${seconds(last)}; ` +
      `${nodesThatAgree} nodes report: sent ${sent}, acked ${acked}`;
  },

  lostNode(
    { lost, back, halfBack, allBack, published, refused, ...cpu }: LostNodeFigures,
  ): string {
    return `node lost   ${count(lost)} connections ended; half of their tabs were back after ${
      seconds(halfBack)
    }, ` +
      `${count(back)} after ${seconds(allBack)}; ${count(refused)} attempts were refused; ` +
      `${microseconds(cpu.nodeSecondsPerTab)} of CPU each, and ${
        microseconds(cpu.natsSecondsPerTab)
      } of NATS\n` +
      `            ${count(published)} notifications were published meanwhile`;
  },

  verdict({ tabs, owed, delivered, doubled, lost, foreign, told }: Verdict): string {
    return `verdict     ${count(owed)} deliveries were owed to ${count(tabs)} tabs: ${
      count(delivered)
    } delivered, ` +
      `${count(lost)} lost, ${count(doubled)} doubled, ${count(foreign)} to somebody else, ` +
      `${count(told)} times told of a loss`;
  },
};

/** Sentences about everything that is not as it should be. */
export function brokenBy(
  { figures, verdict, options }: Outcome,
): string[] {
  const { lost, doubled, foreign, told } = verdict;
  const { connect, spread, lostNode } = figures;
  const all: readonly (readonly [boolean, string])[] = [
    [connect.connected !== options.tabs, `${connect.connected} tabs were connected`],
    [lost > 0, `${lost} deliveries were lost`],
    [doubled > 0, `${doubled} deliveries were doubled`],
    [foreign > 0, `${foreign} notifications came to somebody else`],
    [told > 0, `tabs were told ${told} times of a loss`],
    [spread.sent !== SPREAD_TABS || spread.acked !== SPREAD_TABS, "the report is not the sum of three nodes"],
    [spread.nodesThatAgree !== options.nodes, "the nodes report different sums"],
    [
      lostNode.back < lostNode.lost,
      `${lostNode.lost - lostNode.back} tabs of the lost node did not come back`,
    ],
  ];
  return all.filter(([isBroken]) => isBroken).map(([, sentence]) => sentence);
}
