/** Sample rows and results for tests. */

import { PERCENTILES, type Result } from "./load/plan.ts";
import type { Row } from "./rounds.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";

export function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario "${name}"`);
  return found;
}

/** Returns the result of one second without any failure. */
export function resultOf(delivered: number, other: Partial<Result> = {}): Result {
  const second = { seconds: 1, serverCpu: 0.9, loadCpu: 0.5 };
  return {
    connected: 1_000,
    refused: 0,
    bytesPerTab: 20 * 1_024,
    accepted: delivered,
    failed: 0,
    delivered,
    expected: delivered,
    closed: 0,
    latencies: PERCENTILES.map((percentile) => percentile / 10 + 1),
    connecting: second,
    running: second,
    ...other,
  };
}

/** Returns a row with one result per number of deliveries. */
export function rowOf(server: string, deliveries: readonly number[], scenario = "fan-out"): Row {
  return { scenario: findScenario(scenario), server, results: deliveries.map((count) => resultOf(count)) };
}
