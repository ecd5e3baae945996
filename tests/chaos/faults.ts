/** All faults, in the order of the table. */

import type { AnyFault } from "./fault.ts";
import { frozen } from "./faults/frozen.ts";
import { fullDisk } from "./faults/full_disk.ts";
import { killed } from "./faults/killed.ts";
import { lineCut, lineSilent } from "./faults/line.ts";
import { leaderKilled, natsKilled, natsLineCut, natsLineSilent } from "./faults/nats.ts";
import { nodeKilled, rollingRestart } from "./faults/nodes.ts";
import { partition } from "./faults/partition.ts";
import { proxyRestarted } from "./faults/proxy.ts";
import { readOnlyDisk } from "./faults/read_only_disk.ts";
import { restoredBackup, restoredSnapshot } from "./faults/restored.ts";
import { clockAhead, clockBehind } from "./faults/wrong_clock.ts";

export const FAULTS: readonly AnyFault[] = [
  killed,
  rollingRestart,
  frozen,
  lineCut,
  lineSilent,
  proxyRestarted,
  clockAhead,
  clockBehind,
  fullDisk,
  readOnlyDisk,
  restoredBackup,
  restoredSnapshot,
  nodeKilled,
  natsKilled,
  leaderKilled,
  natsLineCut,
  natsLineSilent,
  partition,
];
