/** What every phase of a run acts on. */

import { microseconds } from "../bench/load/clock.ts";
import type { ScaledCluster } from "./cluster.ts";
import type { Crowd } from "./crowd.ts";
import type { Publisher } from "./publisher.ts";

export interface Stage {
  readonly cluster: ScaledCluster;
  readonly crowd: Crowd;
  readonly publisher: Publisher;
  readonly targets: number;
  readonly random: () => number;
  /** Prints a line. */
  readonly say: (line: string) => void;
}

/** Points of a curve: seconds since its beginning, and a number of tabs. */
export type Curve = readonly (readonly [seconds: number, tabs: number])[];

/** The time now in milliseconds since 1970, by the clock that the processes with tabs use too. */
export function now(): number {
  return microseconds() / 1_000;
}
