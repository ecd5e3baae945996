/** The check that anyone can run: Tidings by the floor, measured side by side, so that the machine doesn't matter. */

import { FLOOR } from "./peers.ts";
import type { Row } from "./rounds.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { ratioTo } from "./summary.ts";

/** What the first figure of a scenario may be, of the floor's. */
export interface Limit {
  readonly scenario: string;
  readonly least?: number;
  readonly max?: number;
}

/** A fifth worse than what was measured when they were written down; latencies vary more than that. */
export const LIMITS: readonly Limit[] = [
  { scenario: "fan-out", least: 10 },
  { scenario: "single", least: 0.36 },
  { scenario: "batch", least: 0.7 },
  { scenario: "batch-one", least: 2.4 },
  { scenario: "rate", max: 2.5 },
  { scenario: "idle", max: 1.05 },
  { scenario: "storm", least: 0.5 },
];

const SECONDS = 2;

/** The scenarios that have a limit, shorter. */
export function checkedScenarios(limits: readonly Limit[] = LIMITS): Scenario[] {
  return limits.map(({ scenario: name }) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`there is no scenario "${name}"`);
    return { ...found, plan: { ...found.plan, until: { seconds: SECONDS } } };
  });
}

export interface Verdict {
  readonly passed: boolean;
  readonly sentence: string;
}

export function verdictOf(limit: Limit, { row, rows }: { row: Row; rows: readonly Row[] }): Verdict {
  const [figure] = row.scenario.figures;
  const ratio = figure === undefined ? null : ratioTo(FLOOR, { row, rows, figure });
  const what = `${limit.scenario}: ${figure?.name} of ${row.server}`;
  if (ratio === null) return { passed: false, sentence: `${what} could not be compared to the floor.` };
  const { least = 0, max = Infinity } = limit;
  const passed = ratio >= least && ratio <= max;
  const bound = ratio < least || limit.max === undefined ? `at least ${least}` : `at most ${max}`;
  const is = `is ${ratio.toFixed(2)} times the floor's`;
  return { passed, sentence: `${what} ${is}, ${passed ? "and" : "but"} has to be ${bound} times.` };
}
