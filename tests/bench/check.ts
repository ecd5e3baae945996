/** The performance check: ratios of Tidings to the floor, which do not depend on the machine. */

import { FLOOR } from "./peers.ts";
import type { Row } from "./rounds.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { ratioTo } from "./summary.ts";

/** The limits of a ratio: the first figure of a scenario, divided by that of the floor. */
export interface Limit {
  readonly scenario: string;
  readonly min?: number;
  readonly max?: number;
}

/**
 * Each limit is a fifth worse than what was measured when it was set. Those of latencies are wider, as these
 * vary more.
 */
export const LIMITS: readonly Limit[] = [
  { scenario: "fan-out", min: 10 },
  { scenario: "single", min: 0.36 },
  { scenario: "batch", min: 0.7 },
  { scenario: "batch-one", min: 2.4 },
  { scenario: "rate", max: 2.5 },
  { scenario: "idle", max: 1.05 },
  { scenario: "storm", min: 0.5 },
];

const SECONDS = 2;

/** Returns the scenarios with a limit, with a shorter duration. */
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
  const subject = `${limit.scenario}: ${figure?.name} of ${row.server}`;
  if (ratio === null) return { passed: false, sentence: `${subject} could not be compared to the floor.` };
  const { min = 0, max = Infinity } = limit;
  const passed = ratio >= min && ratio <= max;
  const bound = ratio < min || limit.max === undefined ? `at least ${min}` : `at most ${max}`;
  const comparison = `is ${ratio.toFixed(2)} times the floor's`;
  return {
    passed,
    sentence: `${subject} ${comparison}, ${passed ? "and" : "but"} has to be ${bound} times.`,
  };
}
