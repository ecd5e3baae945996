/** The outcome of a small run without a loss, for tests. */

import type { EveryoneFigures } from "./phases/everyone.ts";
import type { Outcome } from "./run.ts";

const EVERYONE: EveryoneFigures = {
  delivered: 10,
  answered: 0.1,
  first: 0.05,
  last: 0.4,
  nodeSecondsPerDelivery: 0.000_02,
  tabSecondsPerDelivery: 0.000_01,
  curve: [[0, 0], [0.1, 4], [0.4, 10]],
};

export function sampleOutcome(): Outcome {
  return {
    options: { nodes: 3, tabs: 10, targets: 10, seed: 7 },
    verdict: { tabs: 10, owed: 33, delivered: 33, doubled: 0, lost: 0, foreign: 0, told: 0 },
    figures: {
      connect: {
        connected: 10,
        dropped: 0,
        seconds: 1,
        bytesPerTab: 20_000,
        bytesPerNode: 80_000_000,
        subscriptions: 8,
        natsBytesPerSubscription: 2_000,
        nodeSecondsPerTab: 0.001,
        curve: [[0, 0], [0.5, 6], [1, 10]],
      },
      everyone: EVERYONE,
      spread: { delivered: 3, last: 0.01, sent: 3, acked: 3, nodesThatAgree: 3 },
      lostNode: {
        lost: 3,
        back: 3,
        halfBack: 0.3,
        allBack: 0.5,
        refused: 0,
        published: 5,
        nodeSecondsPerTab: 0.002,
        natsSecondsPerTab: 0.001,
        curve: [[0, 10], [0.1, 7], [0.5, 10]],
      },
      again: EVERYONE,
    },
  };
}
